// Reads what a JVM writes with -Xlog:gc*,safepoint and the decorations timemillis,tags: when it stopped to collect.
'use strict';

/** Options with which a JVM writes such a log. */
const logOptions = (file) => [`-Xlog:gc*,safepoint:file=${file}:timemillis,tags:filecount=0`];

const TAGGED = /^\[(\d+)ms\]\[(gc|safepoint) *\] (.*)$/;
const SAFEPOINT = /^Safepoint "(\w+)", .*\bTotal: +(\d+) ns/;
const STALL = /^Allocation Stall \(.*\) ([\d.]+)ms$/;
const FULL = /^GC\(\d+\) Pause Full \((.+)\) .* [\d.]+ms$/;

/** What the VM stops for on behalf of a collector, and not for code, threads or somebody who asks for a histogram. */
const COLLECTION = /^(G1|Gen|Serial|Parallel|Z|CollectFor)/;

const NANOS_PER_MILLI = 1e6;

/**
 * A pause is a whole safepoint, and not a "Pause" line: it has the time until all threads stand still as well, for which
 * clients wait too, and every collector and version writes it alike. `at`, in milliseconds since 1970, is when it ended.
 *
 * @param {string} text
 * @returns {{pauses: {at: number, millis: number}[], stalls: {at: number, millis: number}[],
 *     full: {at: number, cause: string}[], unread: number}} `stalls` are allocations that waited for a collector that runs beside them; `full` are collections
 *     of the whole heap in one pause; `unread` is how many lines of safepoints are not understood
 */
function parse(text) {
  const log = { pauses: [], stalls: [], full: [], unread: 0 };
  for (const line of text.split('\n')) {
    const [, time, tag, message] = TAGGED.exec(line) ?? [];
    if (tag === 'safepoint') {
      safepoint(log, Number(time), message);
    } else if (tag === 'gc') {
      collection(log, Number(time), message);
    } else if (/\[safepoint *(\]|$)/.test(line)) {
      log.unread++;
    }
  }
  return log;
}

function safepoint(log, at, message) {
  const [, operation, nanos] = SAFEPOINT.exec(message) ?? [];
  if (operation === undefined) {
    log.unread++;
  } else if (COLLECTION.test(operation)) {
    log.pauses.push({ at, millis: Number(nanos) / NANOS_PER_MILLI });
  }
}

function collection(log, at, message) {
  const [, millis] = STALL.exec(message) ?? [];
  const [, cause] = FULL.exec(message) ?? [];
  if (millis !== undefined) {
    log.stalls.push({ at, millis: Number(millis) });
  } else if (cause !== undefined) {
    log.full.push({ at, cause });
  }
}

/** The smallest value that so many percent do not pass; 0 if there is none. */
function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

/** What ended from `from` until before `to`; times in milliseconds. */
function summary(log, from, to) {
  const within = (list) => list.filter(({ at }) => at >= from && at < to);
  const times = within(log.pauses).map(({ millis }) => millis);
  const stalls = within(log.stalls).map(({ millis }) => millis);
  return {
    pauses: times.length,
    full: within(log.full).map(({ cause }) => cause),
    stopped: times.reduce((total, millis) => total + millis, 0),
    p99: percentile(times, 99),
    max: percentile(times, 100),
    stalls: stalls.length,
    longestStall: percentile(stalls, 100),
  };
}

module.exports = { logOptions, parse, percentile, summary };
