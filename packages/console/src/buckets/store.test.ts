import { expect, test } from "vitest";

import { addressOf, downloadAddress, readListing, readRefusal } from "./store";

test.each([
  ["a/b c.jpg", "/obs/pets/a/b%20c.jpg"],
  ["花/#1?.png", "/obs/pets/%E8%8A%B1/%231%3F.png"],
  ["../up", "/obs/pets/%2E%2E/up"],
  ["a//b/", "/obs/pets/a//b/"],
  ["100%", "/obs/pets/100%25"],
])("the object %s lies at %s", (key, address) => {
  expect(addressOf("pets", key)).toBe(address);
});

test("no browser makes another path of an address", () => {
  for (const key of ["a/../b", "./x", "a\\b", "..."]) {
    const address = addressOf("pets", key);
    if (!address.includes("%2E")) expect(new URL(address, "http://localhost").pathname).toBe(address);
  }
});

test("a download is saved under the object's own name", () => {
  const told = new URL(downloadAddress("pets", "a/it's 花.png"), "http://localhost").searchParams.get("response-content-disposition");
  expect(told).toBe("attachment; filename*=UTF-8''it%27s%20%E8%8A%B1.png");
});

const PAGE = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult><Name>pets</Name><Prefix>a/</Prefix><NextContinuationToken>YS9i</NextContinuationToken>
<Contents><Key>a/</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"e"</ETag><Size>0</Size></Contents>
<Contents><Key>a/x%20%26%20y%3C.png</Key><LastModified>2026-01-02T03:04:05.500Z</LastModified><ETag>"abc-2"</ETag><Size>12345678901</Size></Contents>
<CommonPrefixes><Prefix>a/b%2Bc/</Prefix></CommonPrefixes></ListBucketResult>`;

test("a page of a listing is read, without the folder itself", () => {
  expect(readListing(PAGE, "a/")).toEqual({
    folders: ["a/b+c/"],
    objects: [{ key: "a/x & y<.png", size: 12345678901, modified: 1767323045.5, etag: "abc-2" }],
    next: "YS9i",
  });
});

test("the last page has no next", () => {
  expect(readListing("<ListBucketResult></ListBucketResult>", "")).toEqual({ folders: [], objects: [], next: null });
});

test("a refusal of the store is one of ours, by its code", () => {
  const told = "<Error><Code>BucketNotEmpty</Code><Message>It holds &lt;1&gt;.</Message><BucketName>pets</BucketName></Error>";
  expect(readRefusal(409, told)).toMatchObject({ status: 409, code: "s3_BucketNotEmpty", message: "It holds <1>.", parameters: { bucket: "pets" } });
  expect(readRefusal(502, "a proxy's page")).toMatchObject({ status: 502, code: "s3_InternalError" });
});
