/** What is killed in the middle of a fleet's run costs no row, and doubles none. */
import { after, before, describe } from 'node:test'
import { withoutNamespaces } from '../support/namespace.ts'
import { withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { CrashingFleet, VICTIMS } from './crashes.ts'

const TIMES = 3

describe('a run of a fleet', { skip: withoutNats || withoutNamespaces() }, () => {
  let fleet: CrashingFleet
  before(async () => {
    fleet = await CrashingFleet.start()
  })
  after(() => fleet[Symbol.asyncDispose]())
  for (const victim of VICTIMS)
    for (let time = 1; time <= TIMES; time++)
      test(`has every row once, in the file and in the stream, when the ${victim} is killed (${time})`, async context => {
        context.diagnostic(JSON.stringify(await fleet.crash(victim, time)))
      })
})
