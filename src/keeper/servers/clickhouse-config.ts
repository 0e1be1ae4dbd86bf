/**
 * The configuration of the embedded ClickHouse, as text. Pure. It holds SHA-256 sums of passwords and no password.
 *
 * The engine authenticates its own first session as `default` without a password, before it listens, and there is no
 * way to tell it otherwise. That session lasts as long as the server, and `default` may have one session: whoever else
 * comes as `default` is refused by the server (code 700). Requests without credentials find no handler at all.
 */

/** What `mesh sql` may take of the machine: in the profile of its user, which it cannot loosen. */
export const READER_LIMITS = {
  max_execution_time: 30,
  max_memory_usage: 1_000_000_000,
  max_result_rows: 1_000_000,
  max_result_bytes: 256_000_000,
  max_threads: 2,
  max_concurrent_queries_for_user: 4,
} as const;

/** Of this machine's memory, which is needed by those who make the load; and at most so much. */
const MEMORY_SHARE = 0.25;
const MEMORY_BYTES_MAX = 4_000_000_000;
const MEMORY_BYTES_MIN = 1_000_000_000;
const MARK_CACHE_BYTES = 67_108_864;

export const memoryLimit = (machineBytes: number): number =>
  Math.round(Math.max(MEMORY_BYTES_MIN, Math.min(MEMORY_BYTES_MAX, machineBytes * MEMORY_SHARE)));

export interface ClickHousePasswords {
  /** SHA-256 in hex, of the user who writes and of the one who only reads. */
  readonly meshSha256: string;
  readonly readerSha256: string;
}

/** XML's own characters, should a path have them. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const clickHouseConfig = (usersFile: string, memoryBytes: number): string => `<clickhouse>
  <users_config>${escaped(usersFile)}</users_config>
  <max_server_memory_usage>${memoryBytes}</max_server_memory_usage>
  <mark_cache_size>${MARK_CACHE_BYTES}</mark_cache_size>
  <timezone>UTC</timezone>
  <http_handlers>
    <rule>
      <headers><Authorization><![CDATA[regex:^Basic .+$]]></Authorization></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>
</clickhouse>
`;

const networks = "<networks><ip>127.0.0.1</ip></networks>";

const user = (name: string, auth: string, profile: string, grants: readonly string[]): string => `
    <${name}>
      ${auth}${networks}<profile>${profile}</profile><quota>none</quota>
      <grants>${grants.map((grant) => `<query>GRANT ${grant}</query>`).join("")}</grants>
    </${name}>`;

const sha256 = (hex: string): string => `<password_sha256_hex>${hex}</password_sha256_hex>`;

/** What its own session needs: to listen, to say where, and to wait. */
const BOOT = ["SYSTEM LISTEN ON *.*", "SELECT ON system.numbers", "SELECT ON system.one"];
const WRITER = [
  "TABLE ENGINE ON *",
  "ALL ON mesh.*",
  "CREATE FUNCTION, DROP FUNCTION ON *.*",
  "KILL QUERY ON *.*",
  "SELECT ON system.*",
];
/**
 * Grants stop all that reads as a table: file(), url(), remote() and the like, and INTO OUTFILE comes to nothing over HTTP.
 * They do not stop the scalar function `file`, which this engine lets everybody call; `mesh sql` refuses every statement
 * that names it (src/clickhouse/door.ts). So whoever has the reader's password and asks the server directly can read what
 * this process may read: the password file is for the person who runs mesh alone.
 */
const READER = ["SELECT ON mesh.*", "SELECT ON system.*"];

export function clickHouseUsers({ meshSha256, readerSha256 }: ClickHousePasswords): string {
  const limits = Object.entries(READER_LIMITS).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<clickhouse>
  <profiles>
    <default/>
    <boot><max_sessions_for_user>1</max_sessions_for_user></boot>
    <writer/>
    <reader>
      <readonly>1</readonly>
      <output_format_json_quote_64bit_integers>1</output_format_json_quote_64bit_integers>
      ${limits.join("\n      ")}
    </reader>
  </profiles>
  <users>${user("default", "<no_password/>", "boot", BOOT)}${user("mesh", sha256(meshSha256), "writer", WRITER)}${user("reader", sha256(readerSha256), "reader", READER)}
  </users>
  <quotas><none/></quotas>
</clickhouse>
`;
}

/** Port and version in the file in which the server says that it listens; undefined while it is not written in full. */
export function parsePortFile(text: string): { readonly port: number; readonly version: string } | undefined {
  const [, port, version] = /^(\d+)\t(\d+(?:\.\d+)+)\n/.exec(text) ?? [];
  return port === undefined || version === undefined ? undefined : { port: Number(port), version };
}
