// What a running JVM takes of the machine, as the kernel and it itself account for it.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const HISTOGRAM_BYTES = 64 * 1024 * 1024;
const NANOS_PER_SECOND = 1e9;

/** Threads that collect, and the one that stops all others and, for the serial collector, does its work. */
const COLLECTS = /^(GC Thread|G1 |Z[A-Z]|VM Thread)/;

function rssBytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

/**
 * What lives after a full collection, which stops the JVM.
 *
 * @param {string} jcmd of a JDK
 * @param {string} [type] whose objects are counted
 */
function liveHeap(pid, jcmd = 'jcmd', type = '') {
  const histogram = execFileSync(jcmd, [String(pid), 'GC.class_histogram'], { maxBuffer: HISTOGRAM_BYTES }).toString();
  const row = histogram.split('\n').map((line) => line.trim().split(/\s+/)).find((columns) => columns[3] === type);
  return { bytes: Number(/^Total\s+\d+\s+(\d+)/m.exec(histogram)[1]), count: Number(row?.[1] ?? 0) };
}

/** Seconds of processor time that the threads of the collector have had. */
function collectorSeconds(pid) {
  const tasks = path.join('/proc', String(pid), 'task');
  let nanos = 0;
  for (const task of fs.readdirSync(tasks)) {
    if (COLLECTS.test(fs.readFileSync(path.join(tasks, task, 'comm'), 'utf8'))) {
      nanos += Number(fs.readFileSync(path.join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]);
    }
  }
  return nanos / NANOS_PER_SECOND;
}

module.exports = { collectorSeconds, liveHeap, rssBytes };
