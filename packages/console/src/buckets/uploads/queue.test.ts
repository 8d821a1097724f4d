import { expect, test, vi } from "vitest";

import { Refusal } from "../../api/call";
import { Queue, summary, type Item } from "./queue";
import { fits, PART_BYTES, partSize, type Job, type Told } from "./transfer";

const job = (key: string, size = 10): Job => ({ bucket: "pets", key, file: { name: key, size, lastModified: 1 } as File });
/** Until it is so; a machine may have much else to do. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000 });
const states = (queue: Queue) => queue.read().items.map((item) => item.state);

/** A queue whose files go when they are told to. */
function slow() {
  const under = new Map<string, { end: () => void; fail: (error: unknown) => void; tell: Told; signal: AbortSignal }>();
  const send = (one: Job, tell: Told, signal: AbortSignal) =>
    new Promise<void>((end, fail) => {
      under.set(one.key, { end, fail, tell, signal });
      signal.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    });
  const pauses: number[] = [];
  const arrived: string[] = [];
  const queue = new Queue(send, (time) => Promise.resolve(void pauses.push(time)), (one) => arrived.push(one.key));
  return { queue, under, pauses, arrived };
}

test("four go at once, the others wait for their turn", async () => {
  const { queue, under, arrived } = slow();
  queue.add(["a", "b", "c", "d", "e", "f"].map((key) => job(key)));
  expect([...under.keys()]).toEqual(["a", "b", "c", "d"]);
  under.get("b")?.end();
  await until(() => expect([...under.keys()]).toEqual(["a", "b", "c", "d", "e"]));
  expect(arrived).toEqual(["b"]);
});

test("what did not reach the server is tried again, with longer and longer pauses", async () => {
  let tries = 0;
  const pauses: number[] = [];
  const queue = new Queue(() => (++tries < 4 ? Promise.reject(new Refusal(tries % 2 ? 0 : 503, "unreachable", "")) : Promise.resolve()), (time) => Promise.resolve(void pauses.push(time)));
  queue.add([job("a")]);
  await until(() => expect(states(queue)).toEqual(["done"]));
  expect(pauses).toEqual([1000, 2000, 4000]);
});

test.each([403, 404, 507])("what the server refuses with %d is not tried again by itself, but by hand", async (status) => {
  let tries = 0;
  const queue = new Queue(() => (++tries === 1 ? Promise.reject(new Refusal(status, "no", "")) : Promise.resolve()), () => Promise.resolve());
  queue.add([job("a")]);
  await until(() => expect(states(queue)).toEqual(["failed"]));
  expect(tries).toBe(1);
  queue.again();
  await until(() => expect(states(queue)).toEqual(["done"]));
});

test("one that is stopped makes room, and can go on", async () => {
  const { queue, under } = slow();
  queue.add(["a", "b", "c", "d", "e"].map((key) => job(key)));
  queue.stop([1]);
  expect(under.get("a")?.signal.aborted).toBe(true);
  await until(() => expect(states(queue)).toEqual(["stopped", "sending", "sending", "sending", "sending"]));
  queue.again([1]);
  await until(() => expect(states(queue)[0]).toBe("waiting"));
});

test("how far all files are, by their bytes", () => {
  const items = [{ ...job("a", 100), id: 1, state: "sending", sent: 40 }, { ...job("b", 60), id: 2, state: "done", sent: 0 }] as Item[];
  expect(summary(items)).toMatchObject({ bytes: 160, sent: 100, counts: { sending: 1, done: 1, failed: 0 } });
});

test("parts are as long as it takes for ten thousand to be enough", () => {
  expect(partSize(20 << 20)).toBe(PART_BYTES);
  const terabyte = 2 ** 40;
  expect(terabyte / partSize(terabyte)).toBeLessThanOrEqual(10_000);
});

test("a part counts as sent only when it has the length that this file's part has", () => {
  const size = PART_BYTES;
  expect(fits({ number: 1, etag: "", size }, size + 5, size)).toBe(true);
  expect(fits({ number: 2, etag: "", size: 5 }, size + 5, size)).toBe(true);
  expect(fits({ number: 2, etag: "", size }, size + 5, size)).toBe(false);
});
