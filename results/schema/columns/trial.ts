/** What was run, and what came of it. */
import { OUTCOMES } from '../outcome.ts'
import type { Column } from './column.ts'

export const TRIAL_COLUMNS = [
  {
    name: 'run_id',
    role: 'identity',
    type: 'string',
    required: true,
    meaning: 'One identifier for all rows of a run: its UTC time and four random letters.',
  },
  {
    name: 'started_at',
    role: 'identity',
    perTrial: true,
    type: 'string',
    format: 'moment',
    required: true,
    meaning: 'When the trial began: UTC, ISO 8601, milliseconds.',
  },
  {
    name: 'commit',
    role: 'identity',
    type: 'string',
    meaning:
      'Commit under test: `--commit`, or with `--history` what the CI system or git reports; empty otherwise.',
  },
  {
    name: 'scenario',
    role: 'identity',
    type: 'string',
    required: true,
    meaning: 'Name of the scenario; `custom` when flags alone describe the run.',
  },
  {
    name: 'variant',
    title: 'variant',
    unset: 'no variant',
    role: 'identity',
    type: 'string',
    meaning:
      'Label of the scenario’s variant that the case belongs to; empty for a scenario without variants.',
  },
  {
    name: 'round',
    role: 'identity',
    type: 'integer',
    least: 1,
    // CellTrials keeps it in 32 bits.
    most: 2 ** 32 - 1,
    required: true,
    meaning:
      'Round of the trial, from 1. Every round runs each case once, in a seeded random order; rows of one round are a pair. Warm-up rounds, which each pair of processes has, are not recorded.',
  },
  {
    name: 'trial',
    role: 'identity',
    perTrial: true,
    type: 'integer',
    least: 1,
    // CellTrials keeps it in 32 bits.
    most: 2 ** 32 - 1,
    required: true,
    meaning: 'Position of the trial in the run, from 1, in the order in which they ran.',
  },
  {
    name: 'flow',
    role: 'identity',
    perTrial: true,
    type: 'integer',
    least: 1,
    meaning:
      'Which of the flows of the trial this row is of, from 1: `--bidir` has two at the same time, every other trial one. Empty in files of older versions, which is 1.',
  },
  {
    name: 'process',
    role: 'identity',
    type: 'integer',
    least: 1,
    meaning:
      'Number of the pair of sender and receiver processes that carried the trial, from 1 within the run (`--processes`). Processes of one program differ for as long as they live. Sides with the same numbers shared their processes. Empty in files of older versions.',
  },
  {
    name: 'side',
    title: 'side',
    unset: 'no side',
    role: 'identity',
    type: 'string',
    values: ['a', 'b'],
    meaning:
      'Side of a run that measures two variants in turn (`bench ab`, `bench aa`): rows of one run, round and case are a pair, one of each side. Empty in other runs.',
  },
  {
    name: 'transport',
    title: 'transport',
    role: 'asked',
    type: 'string',
    required: true,
    meaning: 'Wire protocol, as in `--transport`.',
  },
  {
    name: 'engine',
    title: 'engine',
    role: 'asked',
    type: 'string',
    required: true,
    meaning: 'Socket engine, as in `--engine`; `bench list` describes each.',
  },
  {
    name: 'direction',
    title: 'direction',
    role: 'asked',
    type: 'string',
    required: true,
    values: ['local', 'send', 'forward', 'reverse', 'bidir-forward', 'bidir-reverse', 'third-party'],
    meaning:
      '`local`: both ends on this host; `send`: from this host to another program (`--target`); `forward`: from this host to another one (`--host`); `reverse`: from there to here; `bidir-forward` and `bidir-reverse`: both at once; `third-party`: between two other hosts (`--from`, `--to`).',
  },
  {
    name: 'ip_family',
    title: 'IP',
    role: 'asked',
    type: 'integer',
    numbers: [4, 6],
    required: true,
    meaning: '4 or 6.',
  },
  {
    name: 'size_bytes',
    title: 'size',
    role: 'asked',
    type: 'integer',
    unit: 'B',
    required: true,
    meaning: 'Size of the payload.',
  },
  {
    name: 'chunk_bytes',
    title: 'chunk',
    role: 'asked',
    type: 'integer',
    least: 1,
    unit: 'B',
    required: true,
    meaning:
      'Payload bytes of a datagram (the last one may have fewer) or, over TCP, of a write. A transport that sends the whole payload as one datagram ignores it.',
  },
  {
    name: 'file',
    title: 'file',
    unset: 'generated',
    role: 'asked',
    type: 'string',
    meaning:
      'Name of the file that was sent; with its folder when another file of the run has the same name; empty for a generated payload.',
  },
  {
    name: 'seed',
    role: 'asked',
    type: 'integer',
    required: true,
    meaning: 'Seed of the order of trials and of the generated payload.',
  },
  {
    name: 'verify',
    title: 'verify',
    role: 'asked',
    type: 'string',
    values: ['full', 'index', 'none'],
    whenEmpty: 'full',
    meaning:
      'How the receiver looked at what arrived (`--verify`): `full` compares every byte; `index` reads the index of each chunk and no other byte; `none` looks at nothing, so that what cannot be known is empty and no UDP trial is `completed`. Part of what makes a case. Empty where the receiver is not ours, and in rows of versions without the choice, which count as `full`.',
  },
  {
    name: 'rate_bps',
    title: 'rate',
    unset: 'unpaced',
    role: 'asked',
    type: 'number',
    unit: 'bit/s',
    meaning: 'Pacing that was asked for (payload bits); empty when unpaced.',
  },
  {
    name: 'rate_achieved_bps',
    role: 'measured',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'Payload bits offered per second of `transfer_ms`, datagrams only: what the sender actually did. It says nothing about the network.',
  },
  {
    name: 'outcome',
    role: 'measured',
    type: 'string',
    required: true,
    values: OUTCOMES,
    meaning:
      '`completed`: every byte arrived undamaged; `incomplete`: some were lost or damaged; `refused`: the system rejected a datagram; `timed-out`; `failed`: see `error_code`.',
  },
  {
    name: 'error_code',
    role: 'measured',
    type: 'string',
    meaning:
      'Code of a refusal, failure or time-out (`EMSGSIZE`, `ECONNREFUSED`, `TIMEOUT` …), or the part of the protocol that was lost (`BEGIN_LOST`, `END_LOST`, `HEADER_LOST`, `ACK_LOST`); `UNVERIFIED` if the arrival was not checked.',
  },
  {
    name: 'error_phase',
    role: 'measured',
    type: 'string',
    meaning: 'Where it happened: `prepare`, `connect`, `handshake`, `transfer`, `ack`, `drain`.',
  },
  {
    name: 'error_message',
    role: 'measured',
    perTrial: true,
    type: 'string',
    meaning: 'What happened, in words.',
  },
] as const satisfies readonly Column[]
