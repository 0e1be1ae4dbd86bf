/** Where the folder of a hub or a zone says what it is: commands know such a folder by this file. */
export const FACTS_FILE = "mesh-server.json";
