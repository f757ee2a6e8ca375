/** What was run, and what came of it. */
import { OUTCOMES } from '../outcome.ts'
import { asked, BITS_PER_SECOND, BYTES, COUNT, identity, measured, TEXT } from './column.ts'

/** A set of trials keeps it in 32 bits. */
const MOST_IN_32_BITS = 2 ** 32 - 1

export const TRIAL_COLUMNS = {
  run_id: identity(
    { ...TEXT, required: true },
    'One identifier for all rows of a run: its UTC time and four random letters.',
  ),
  started_at: identity(
    { ...TEXT, perTrial: true, format: 'moment', required: true },
    'When the trial began: UTC, ISO 8601, milliseconds.',
  ),
  commit: identity(
    TEXT,
    'Commit under test: `--commit`, or with `--history` what the CI system or git reports; empty otherwise.',
  ),
  scenario: identity(
    { ...TEXT, required: true },
    'Name of the scenario; `custom` when flags alone describe the run.',
  ),
  variant: identity(
    { ...TEXT, title: 'variant', unset: 'no variant' },
    'Label of the scenario’s variant that the case belongs to; empty for a scenario without variants.',
  ),
  round: identity(
    { ...COUNT, least: 1, most: MOST_IN_32_BITS, required: true },
    'Round of the trial, from 1. Every round runs each case once, in a seeded random order; rows of one round are a pair. Warm-up rounds, which each pair of processes has, are not recorded.',
  ),
  trial: identity(
    { ...COUNT, perTrial: true, least: 1, most: MOST_IN_32_BITS, required: true },
    'Position of the trial in the run, from 1, in the order in which they ran.',
  ),
  flow: identity(
    { ...COUNT, perTrial: true, least: 1, over: 'none' },
    'Which of the flows of the trial this row is of, from 1: `--bidir` has two at the same time, `--streams` as many as asked for in each direction, `--receivers` one for each receiver, every other trial one. Empty in files of older versions, which is 1.',
  ),
  process: identity(
    { ...COUNT, least: 1 },
    'Number of the pair of sender and receiver processes that carried the trial, from 1 within the run (`--processes`). Processes of one program differ for as long as they live. Sides with the same numbers shared their processes. Empty in files of older versions.',
  ),
  streams: asked(
    { ...COUNT, title: 'streams', least: 2, unset: '1' },
    'How many flows of the case ran at the same time (`--streams`), each a row; empty for one.',
  ),
  receivers: asked(
    { ...COUNT, title: 'receivers', least: 2, unset: '1' },
    'How many receivers of a group got what one sender sent (`--receivers`, or several hosts), each a row; empty for one.',
  ),
  beside: asked(
    { ...TEXT, title: 'beside', unset: 'idle' },
    'What ran at the same time in the same trial, as another flow (`--with`): beside a stream the transport of the requests, beside requests the stream that loads their way. Empty for requests without a load, and for streams without requests.',
  ),
  side: identity(
    { ...TEXT, title: 'side', unset: 'no side', values: ['a', 'b'] },
    'Side of a run that measures two variants in turn (`bench ab`, `bench aa`): rows of one run, round and case are a pair, one of each side. Empty in other runs.',
  ),
  pair_from: identity(
    { ...TEXT, title: 'from', unset: 'no pair' },
    'Name of the sending host of a fleet (`bench fleet run --hosts`); empty in other runs.',
  ),
  pair_to: identity({ ...TEXT, title: 'to', unset: 'no pair' }, 'Likewise of the receiving host.'),
  fleet_round: identity(
    { ...COUNT, least: 1 },
    'Round of a fleet in which the trial ran, from 1 within the run: pairs with the same number were measured at the same time.',
  ),
  transport: asked({ ...TEXT, title: 'transport', required: true }, 'Wire protocol, as in `--transport`.'),
  workload: asked(
    { ...TEXT, title: 'workload', whenEmpty: 'transfer' },
    'What was done over the transport (`--workload`), with its parameters. Empty in files of older versions, which is `transfer`.',
  ),
  engine: asked(
    { ...TEXT, title: 'engine', required: true },
    'Socket engine, as in `--engine`; `bench list` describes each.',
  ),
  direction: asked(
    {
      ...TEXT,
      title: 'direction',
      required: true,
      values: ['local', 'send', 'forward', 'reverse', 'bidir-forward', 'bidir-reverse', 'third-party'],
    },
    '`local`: both ends on this host; `send`: from this host to another program (`--target`); `forward`: from this host to another one (`--host`); `reverse`: from there to here; `bidir-forward` and `bidir-reverse`: both at once; `third-party`: between two other hosts (`--from`, `--to`).',
  ),
  ip_family: asked({ ...COUNT, title: 'IP', numbers: [4, 6], required: true }, '4 or 6.'),
  size_bytes: asked(
    { ...BYTES, title: 'size', unset: 'a stream' },
    'Size of the payload, or of a request; empty for a stream, which ends with time.',
  ),
  chunk_bytes: asked(
    { ...BYTES, title: 'chunk', least: 1, required: true },
    'Payload bytes of a datagram (the last one may have fewer) or, over TCP, of a write, which inside TLS is a record of its own, or several of up to 16,384 B. A transport that sends the whole payload as one datagram ignores it.',
  ),
  file: asked(
    { ...TEXT, title: 'file', unset: 'generated' },
    'Name of the file that was sent; with its folder when another file of the run has the same name; empty for a generated payload.',
  ),
  payload: asked(
    {
      ...TEXT,
      title: 'payload',
      unset: 'generated',
      values: ['png', 'jpeg', 'bmp', 'random', 'zeros', 'text'],
    },
    'What was sent (`--payload`), made by code of kind, size and `seed`: `png`, `jpeg` and `bmp` are pictures; `random`, bytes without structure; `zeros`; `text`, numbered lines of words. Empty for `generated`, whose chunks begin with their index, for a file, and in files of older versions.',
  ),
  seed: asked({ ...COUNT, required: true }, 'Seed of the order of trials and of the generated payload.'),
  verify: asked(
    { ...TEXT, title: 'verify', values: ['full', 'index', 'none'], whenEmpty: 'full' },
    'How the receiver checked what arrived (`--verify`): `full` compares every byte; `index` reads only the index of each chunk; `none` checks nothing, so what cannot be known is empty and no UDP trial is `completed`. Cases that differ in it are different cases. Empty for a foreign receiver, and in rows of versions without the choice, which count as `full`.',
  ),
  rate_bps: asked(
    { ...BITS_PER_SECOND, title: 'rate', unset: 'unpaced' },
    'Requested pacing of the payload (`--rate`), of each flow; empty when unpaced.',
  ),
  rate_achieved_bps: measured(
    { ...BITS_PER_SECOND, over: 'mean' },
    'Payload bits offered per second of `transfer_ms`, datagrams only: what the sender actually did. It says nothing about the network.',
  ),
  outcome: measured(
    { ...TEXT, required: true, values: OUTCOMES },
    '`completed`: every byte arrived undamaged; `incomplete`: some were lost or damaged; `refused`: the system rejected a datagram; `timed-out`; `failed`: see `error_code`.',
  ),
  error_code: measured(
    TEXT,
    'Code of a refusal, failure or time-out (`EMSGSIZE`, `ECONNREFUSED`, `TIMEOUT` …), or the part of the protocol that was lost (`BEGIN_LOST`, `END_LOST`, `HEADER_LOST`, `ACK_LOST`); `UNVERIFIED` if the arrival was not checked.',
  ),
  error_phase: measured(
    TEXT,
    'Where it happened: `prepare`, `connect`, `tls-handshake`, `handshake`, `transfer`, `ack`, `drain`.',
  ),
  error_message: measured({ ...TEXT, perTrial: true }, 'What happened, in words.'),
}
