import { expect, test } from "vitest";

import { credentials } from "./credentials";

test.each([
  ["admin", "admin"],
  ['a,"b"', '"a,""b"""'],
])("the credentials of %s are as ModelArts hands them out", (user, told) => {
  expect(credentials(user, { access: "AK", secret: "SK" })).toBe(`User Name,Access Key Id,Secret Access Key\n${told},AK,SK\n`);
});
