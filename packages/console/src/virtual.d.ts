/** What the console is made of; see vite.config.ts. */
declare module "virtual:parts" {
  const parts: { name: string; version: string; licence: string }[];
  export default parts;
}
