import { expect, test } from "vitest";

import { figuresIn } from "./figures";

test("figures are read with the epoch that their line tells", () => {
  const log = "epoch 0 loss: 2.31 acc: 0.10\nepoch 1 loss: 1.20 acc: 0.55\nepoch 2 loss: 0.70 acc: 0.71\n";
  expect(figuresIn(log)).toEqual([
    { name: "loss", axis: "epoch", xs: [0, 1, 2], ys: [2.31, 1.2, 0.7] },
    { name: "acc", axis: "epoch", xs: [0, 1, 2], ys: [0.1, 0.55, 0.71] },
  ]);
});

test("without an epoch they are counted", () => {
  expect(figuresIn("loss=1e-1\nloss=5e-2\n")).toEqual([{ name: "loss", axis: "", xs: [1, 2], ys: [0.1, 0.05] }]);
});

test("steps that begin anew are counted on", () => {
  const log = "Epoch [1] loss: 0.5\nstep 1 loss: 0.4\nstep 2 loss: 0.3\nstep 1 loss: 0.2\n";
  expect(figuresIn(log)[0]?.xs).toEqual([1, 2, 3, 4]);
});

test.each(["time: 12.5\ntime: 13.5", "http://host:80.5/a\nhttp://host:80.5/a", "loss: 0.5", "version 1.2.3: ok\nversion 1.2.3: ok", ""])(
  "%o holds no curve", (log) => {
    expect(figuresIn(log)).toEqual([]);
  },
);

test("colours do not hide a figure", () => {
  expect(figuresIn("\u001b[31mloss\u001b[0m: 0.5\n\u001b[31mloss\u001b[0m: 0.25")[0]?.ys).toEqual([0.5, 0.25]);
});

test("a usual figure needs no sign before its number, and another is no curve for it", () => {
  const log = "epoch 1: loss 1.61 after 3.5 seconds\nepoch 2: loss 1.20 after 3.6 seconds\nepoch: 3, step: 7, outputs are 0.9\nepoch: 4, step: 7, outputs are 0.8\n";
  expect(figuresIn(log)).toEqual([{ name: "loss", axis: "epoch", xs: [1, 2], ys: [1.61, 1.2] }, { name: "outputs", axis: "epoch", xs: [3, 4], ys: [0.9, 0.8] }]);
});

test("figures of several sets of pictures are curves of their own", () => {
  const log = "Train loss: 0.9\nTest loss: 1.1\nTrain loss: 0.7\nTest loss: 1.0\nval: 3 of 5 right, accuracy 0.6\n";
  expect(figuresIn(log).map((one) => one.name)).toEqual(["Train loss", "Test loss"]);
});

test("a script that speaks Chinese is read too, and what the machine room says is none of its figures", () => {
  const log = "[ModelArts Service Log]command: train.py --lr=0.01\n参数： lr=0.01\n第 1 轮 损失：1.61 准确率: 0.36 用时：3.5\n第 2 轮 损失：1.20 准确率: 0.55 用时：3.4\n";
  expect(figuresIn(log)).toEqual([
    { name: "损失", axis: "轮", xs: [1, 2], ys: [1.61, 1.2] },
    { name: "准确率", axis: "轮", xs: [1, 2], ys: [0.36, 0.55] },
  ]);
});
