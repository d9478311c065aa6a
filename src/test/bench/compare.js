// Compares Starling with a Node server in one run, and prints the table of the targets.
//   ./mvnw -DskipTests package && node src/test/bench/compare.js [--quick] [--rounds N] [--only memory,fanout,…]
//       [--java25 <home>] [--json <file>] [--frame-once]
// With --frame-once the peer frames a message once for all its receivers, past the documented interface of its library.
// Groups: memory, channels, fanout, uring, inbound, latency, connect, growth. Needs two processors, Linux and 20,000 open
// files. Ends with 1 if a target is missed.
'use strict';

const fs = require('node:fs');
const { parseArgs } = require('node:util');
const { groups, rows } = require('./rows.js');

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: Object.keys(groups).join(',') },
    java25: { type: 'string' },
    'frame-once': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const plan = {
  java25: flags.java25,
  peer: flags['frame-once'] ? ['--frame-once'] : [],
  rounds: Number(flags.rounds ?? (flags.quick ? 1 : 5)),
  seconds: flags.quick ? 4 : 10,
  warm: flags.quick ? 8 : 20,
  connects: flags.quick ? 3000 : 5000,
  connections: 18_000,
};

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];
const short = (value) => Number(value.toPrecision(3)).toString();

/** Collects what was measured. */
class Report {
  measured = {};
  notes = [];

  ratio(row, ours, theirs) {
    this.of(row).pairs.push([ours, theirs]);
    this.of(row).values.push(ours / theirs);
    console.error(`${row}: ${short(ours)} / ${short(theirs)} = ${short(ours / theirs)}`);
  }

  figure(row, value) {
    this.of(row).values.push(value);
    console.error(`${row}: ${short(value)}`);
  }

  skip(row, why) {
    this.of(row).skipped = why;
  }

  note(text) {
    this.notes.push(text);
    console.error(text);
  }

  of(row) {
    return (this.measured[row] ??= { values: [], pairs: [] });
  }

  /** What a row has come to: its median, the range of its rounds, and whether that is enough. */
  outcome(row) {
    const { values, pairs, skipped } = this.of(row);
    const [name, target, unit, of] = rows[row];
    if (values.length === 0) {
      return { row, name, target, unit, skipped: skipped ?? 'not measured' };
    }
    const value = median(values);
    const range = [Math.min(...values), Math.max(...values)];
    const both = pairs.length ? [0, 1].map((side) => median(pairs.map((pair) => pair[side]))) : undefined;
    return { row, name, target, unit, of, value, range, both, met: value <= target };
  }

  outcomes() {
    return Object.keys(rows).filter((row) => row in this.measured).map((row) => this.outcome(row));
  }
}

function line({ name, target, unit, of, value, range, both, met, skipped }) {
  if (skipped) {
    return `| ${name} | ${target} ${unit} | – | ${skipped} |`;
  }
  const spread = range[0] === range[1] ? '' : ` (${range.map(short).join('–')})`;
  const absolute = both ? `, ${both.map(short).join(' against ')} ${of}` : '';
  return `| ${name} | ${target} ${unit} | ${short(value)} ${unit}${spread}${absolute} | ${met ? 'met' : '**missed**'} |`;
}

async function main() {
  const report = new Report();
  for (const group of flags.only.split(',')) {
    if (!(group in groups)) {
      throw new Error(`no group ${group}: there are ${Object.keys(groups).join(', ')}`);
    }
    await groups[group](report, plan);
  }
  const outcomes = report.outcomes();
  console.log('| figure | target (at most) | measured, median of the rounds (range) | |\n| --- | --- | --- | --- |');
  outcomes.forEach((outcome) => console.log(line(outcome)));
  report.notes.forEach((note) => console.log(`\n${note}`));
  if (flags.json) {
    fs.writeFileSync(flags.json, JSON.stringify({ outcomes, notes: report.notes }, null, 2));
  }
  process.exit(outcomes.some((outcome) => outcome.met === false) ? 1 : 0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(2);
});
