/** A gate as JUnit XML, which most CI systems show: a test case for each check. Pure. */

import { create } from 'xmlbuilder2'
import { harmless } from '../../base/foreign-text.ts'
import type { Check, Gate } from './check.ts'
import { fullName } from './names.ts'
import { findingText } from './render.ts'

/** Names are the same in every run, so that a CI system can follow them. What was not judged is skipped. */
export function junitXml({ checks, heading, notes, strict }: Gate, startedAt: string): string {
  const fails = (check: Check) => check.status === 'failed' || (strict && check.status !== 'passed')
  const skips = (check: Check) => check.status === 'skipped' && !fails(check)
  const counts = { tests: checks.length, failures: checks.filter(fails).length, errors: 0 }
  const document = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', counts)
  const suite = document.ele('testsuite', {
    name: 'bench check',
    ...counts,
    skipped: checks.filter(skips).length,
    timestamp: startedAt.replace(/(?:\.\d+)?Z$/, ''),
  })
  const properties = suite.ele('properties')
  for (const [index, line] of heading.entries())
    properties.ele('property', { name: `heading ${index + 1}`, value: plain(line) })
  for (const [index, { message }] of notes.entries())
    properties.ele('property', { name: `note ${index + 1}`, value: plain(message) })
  for (const check of checks) {
    const text = plain(findingText(check))
    const test = suite.ele('testcase', { classname: plain(classOf(check)), name: plain(check.subject) })
    if (fails(check)) test.ele('failure', { message: text, type: check.kind }).txt(`${check.status}: ${text}`)
    else if (skips(check)) test.ele('skipped', { message: text })
    else test.ele('system-out').txt(`${check.status}: ${text}`)
  }
  return `${document.end({ prettyPrint: true })}\n`
}

function classOf({ cell }: Check): string {
  return cell ? fullName(cell) : 'no cell'
}

/** On one line, without what XML 1.0 cannot hold in any way (section 2.2): control characters, halves of pairs, noncharacters. */
function plain(text: string): string {
  return harmless(text).replaceAll(/[\ufffe\uffff]/gu, '?')
}
