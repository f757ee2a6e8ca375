/**
 * Subjects of a NATS server, so that a server's permissions can say who speaks for which host: what begins with `bench.host.NAME` is for
 * one host, and what begins with `bench.run` for those who measure.
 */
import { randomUUID } from 'node:crypto'

/** A token of a subject, and a key of a bucket: dots, spaces and wildcards have a meaning there. */
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/

/** Names of nodes in Kubernetes, and of lists, have dots, which mean something to a NATS server. */
export function nameOnBus(name: string): string {
  return name.replaceAll('.', '-')
}

/** Where clients ask a host for a session. */
export function doorOf(host: string): string {
  return `bench.host.${host}.open`
}

/** Answers to what a host asks. */
export function inboxOfHost(host: string): string {
  return `bench.host.${host}.inbox`
}

/** What follows is the inbox of one who measures: hosts may send there only as an answer. */
export const INBOXES_OF_RUNS = 'bench.run.inbox.'

/** Answers to what one who measures asks, whose permissions may be those of `bench.run.>`. */
export function newInboxOfRun(): string {
  return `${INBOXES_OF_RUNS}${newToken()}`
}

/** A new subject for one end of a link. */
export function newEndOfHost(host: string): string {
  return `bench.host.${host}.link.${newToken()}`
}
export function newEndOfRun(): string {
  return `bench.run.link.${newToken()}`
}

/** A host sends to no other subjects, whatever a client says. */
export const END_OF_RUN = /^bench\.run\.link\.[0-9a-f]{32}$/
/** A client sends to those of the host that it asked alone. */
export function isEndOfHost(subject: string, host: string): boolean {
  const start = `bench.host.${host}.link.`
  return subject.startsWith(start) && /^[0-9a-f]{32}$/.test(subject.slice(start.length))
}

/** Nobody can guess it. */
export function newToken(): string {
  return randomUUID().replaceAll('-', '')
}
