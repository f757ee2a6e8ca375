/** The flood of `npm run bench:flood`: told by its parent when. Arguments: control port, first and last data port, datagrams and connections a second. */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const [, , port = 0, first = 0, last = 0, datagrams = 0, connections = 0] = process.argv.map(Number)
const TICK_MS = 10
const garbage = randomBytes(1 << 20)
let on = false
let at = 0
let turn = 0

// The address of somebody else: nothing of it may count, and nothing be answered.
const socket = createSocket('udp4')
socket.on('error', () => {})
socket.bind(0, '127.0.0.2')
let owed = 0
let due = 0
setInterval(() => {
  if (!on) return
  owed += (datagrams * TICK_MS) / 1000
  for (; owed >= 1; owed--) {
    at = (at + 1471) % (garbage.length - 1400)
    socket.send(garbage, at, 1 + (at % 1400), first + (turn++ % (last - first + 1)), '127.0.0.1', () => {})
  }
  due += (connections * TICK_MS) / 1000
  for (; due >= 1; due--) visit(turn++ % 3)
}, TICK_MS)

/** Silent, a giant length, or frames of garbage. */
function visit(kind: number): void {
  const control = connect({ host: '127.0.0.1', port })
  control.on('error', () => {}).resume()
  setTimeout(() => control.destroy(), 1000)
  if (kind === 1) control.write(garbage.subarray(at, at + 1400))
  if (kind === 2) control.write(Buffer.concat([Buffer.from([0, 0, 0xff, 0xff]), garbage.subarray(0, 0xffff)]))
}

process.on('message', message => {
  on = message === true
})
process.on('disconnect', () => process.exit(0))
