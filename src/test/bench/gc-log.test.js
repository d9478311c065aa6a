'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { parse, percentile, summary } = require('./gc-log.js');

const G1_17 =
  '[1000ms][safepoint   ] Safepoint "G1CollectForAllocation", Time since last: 15664686 ns, Reaching safepoint: 3115 ns, Cleanup: 4449 ns, At safepoint: 6333919 ns, Total: 6341483 ns';
const ZGC_25 =
  '[2000ms][safepoint   ] Safepoint "ZMarkStartYoungAndOld", Time since last: 29094737 ns, Reaching safepoint: 117530 ns, At safepoint: 51096 ns, Leaving safepoint: 2426020 ns, Total: 2594646 ns, Threads: 1 runnable, 10 total';
const HISTOGRAM =
  '[3000ms][safepoint   ] Safepoint "GC_HeapInspection", Time since last: 1 ns, Reaching safepoint: 1 ns, At safepoint: 9 ns, Leaving safepoint: 1 ns, Total: 900000000 ns, Threads: 0 runnable, 10 total';
const STALL = '[2100ms][gc          ] Allocation Stall (reactor-http-epoll-1) 9.461ms';
const FULL = '[2200ms][gc             ] GC(2) Pause Full (Ergonomics) 35M->15M(46M) 7.069ms';
const START = '[2190ms][gc,start       ] GC(2) Pause Full (Ergonomics)';

const log = (...lines) => parse(lines.join('\n'));

for (const operation of ['GenCollectForAllocation', 'SerialCollectForAllocation', 'ParallelGCFailedAllocation',
  'ParallelCollectForAllocation', 'G1PauseRemark', 'G1PauseCleanup', 'ZRelocateStartOld', 'CollectForMetadataAllocation']) {
  test(`a pause is what ${operation} takes`, () => {
    const { pauses } = log(G1_17.replace('G1CollectForAllocation', operation));
    assert.deepEqual(pauses, [{ at: 1000, millis: 6.341483 }]);
  });
}

test('Java 25 says more, and it is a pause all the same', () => {
  assert.deepEqual(log(ZGC_25).pauses, [{ at: 2000, millis: 2.594646 }]);
});

for (const operation of ['GC_HeapInspection', 'ICBufferFull', 'Cleanup']) {
  test(`${operation} is no collector's pause`, () => {
    assert.deepEqual(log(HISTOGRAM.replace('GC_HeapInspection', operation)), { pauses: [], stalls: [], full: [], unread: 0 });
  });
}

test('lines that are cut off or broken are counted, and the others read', () => {
  const broken = [G1_17.slice(0, 60), '[safepoint   ] Safepoint', '[10ms][safepoint', G1_17.replace('Total: ', 'Total: x')];
  const { pauses, unread } = log(...broken, ZGC_25, '', 'no line of a log');
  assert.equal(unread, broken.length);
  assert.equal(pauses.length, 1);
});

test('stalls and full collections are found, the start of one is not one', () => {
  const { stalls, full, pauses } = log(STALL, START, FULL);
  assert.deepEqual(stalls, [{ at: 2100, millis: 9.461 }]);
  assert.deepEqual(full, [{ at: 2200, cause: 'Ergonomics' }]);
  assert.deepEqual(pauses, []);
});

test('a phase has what ended in it', () => {
  const all = log(G1_17, ZGC_25, STALL, FULL);
  assert.deepEqual(summary(all, 1000, 2000), {
    pauses: 1, full: [], stopped: 6.341483, p99: 6.341483, max: 6.341483, stalls: 0, longestStall: 0,
  });
  const later = summary(all, 2000, 3000);
  assert.deepEqual([later.pauses, later.full, later.stalls, later.longestStall], [1, ['Ergonomics'], 1, 9.461]);
});

test('a phase without pauses has none', () => {
  assert.deepEqual(summary(log(), 0, 1), { pauses: 0, full: [], stopped: 0, p99: 0, max: 0, stalls: 0, longestStall: 0 });
});

test('a percentile is a value that there was', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual([percentile(hundred, 50), percentile(hundred, 99), percentile(hundred, 100)], [50, 99, 100]);
  assert.equal(percentile([3], 99), 3);
});
