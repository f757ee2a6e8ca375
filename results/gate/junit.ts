/** A gate as JUnit XML, which most CI systems show: a test case for each check. Pure. */

import { harmless } from '../../base/foreign-text.ts'
import { type Html, html } from '../document/markup.ts'
import type { Check, Gate } from './check.ts'
import { findingText } from './document.ts'
import { fullName } from './names.ts'

/** Names are the same in every run, so that a CI system can follow them. What was not judged is skipped. */
export function junitXml({ checks, heading, notes, strict }: Gate, startedAt: string): string {
  const fails = (check: Check) => check.status === 'failed' || (strict && check.status !== 'passed')
  const skips = (check: Check) => check.status === 'skipped' && !fails(check)
  const counts = html`tests="${checks.length}" failures="${checks.filter(fails).length}" errors="0"`
  const properties = [
    ...heading.map((line, index) => property(`heading ${index + 1}`, line)),
    ...notes.map(({ message }, index) => property(`note ${index + 1}`, message)),
  ]
  const cases = checks.map(check => {
    const text = plain(findingText(check))
    const finding = fails(check)
      ? html`<failure message="${text}" type="${check.kind}">${check.status}: ${text}</failure>`
      : skips(check)
        ? html`<skipped message="${text}"/>`
        : html`<system-out>${check.status}: ${text}</system-out>`
    return html`
    <testcase classname="${plain(classOf(check))}" name="${plain(check.subject)}">
      ${finding}
    </testcase>`
  })
  const timestamp = startedAt.replace(/(?:\.\d+)?Z$/, '')
  return html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="bench check" ${counts} skipped="${checks.filter(skips).length}" timestamp="${timestamp}">
    <properties>${properties}
    </properties>${cases}
  </testsuite>
</testsuites>
`.text
}

function property(name: string, value: string): Html {
  return html`
      <property name="${name}" value="${plain(value)}"/>`
}

function classOf({ cell }: Check): string {
  return cell ? fullName(cell) : 'no cell'
}

/** On one line, without what XML 1.0 cannot hold in any way (section 2.2): control characters, halves of pairs, noncharacters. */
function plain(text: string): string {
  return harmless(text).replaceAll(/[\ufffe\uffff]/gu, '?')
}
