/** The room of `models`: until its page is built, it names the commands that do its work. */

import { Room } from "../kit/room";

export function Component() {
  return <Room word="models" />;
}
