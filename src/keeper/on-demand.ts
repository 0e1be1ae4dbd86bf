/**
 * Servers that the keeper starts when somebody needs them, so that nobody waits for what they do not use. One that
 * cannot be started, or that dies, costs only those who need it; the next one who does starts it again.
 */
import type { RunningServer, ServerContext, ServerDefinition } from "./servers/server-definition.ts";

export interface OnDemand {
  /** The server of that name, started if needed. Rejects with KeeperError. */
  need(name: string): Promise<RunningServer>;
  readonly running: () => readonly RunningServer[];
  /** Stops them all; those that are starting end by the context's signal. */
  stop(): Promise<void>;
}

export interface OnDemandOptions {
  readonly definitions: readonly ServerDefinition[];
  readonly context: ServerContext;
  readonly log: (line: string) => void;
}

export function onDemand({ definitions, context, log }: OnDemandOptions): OnDemand {
  const starts = new Map<string, Promise<RunningServer>>();
  const running = new Map<string, RunningServer>();

  const start = async (definition: ServerDefinition): Promise<RunningServer> => {
    const server = await definition.start(context);
    running.set(definition.name, server);
    log(`running: ${server.name} ${server.pid} ${server.url}`);
    void server.exited.then((how) => gone(server, how));
    return server;
  };
  const gone = ({ name, pid }: RunningServer, how: string): void => {
    forget(name);
    log(`${name} (pid ${pid}) is gone: ${how}`);
  };
  const forget = (name: string): void => {
    starts.delete(name);
    running.delete(name);
  };
  return {
    need: (name) => {
      const definition = definitions.find((each) => each.name === name);
      if (definition === undefined) return Promise.reject(new Error(`no server is called ${name}`));
      const started = starts.get(name) ?? start(definition);
      starts.set(name, started);
      started.catch((error: Error) => {
        forget(name);
        log(`${name} did not start: ${error.message}`);
      });
      return started;
    },
    running: () => [...running.values()],
    stop: async () => {
      await Promise.allSettled(starts.values());
      await Promise.all([...running.values()].map((server) => server.stop()));
    },
  };
}
