/** Credentials by JWTs, as a NATS server trusts them whose operator has signed the account, and that the user. */
import { createHash } from 'node:crypto'
import { nkeys } from '@nats-io/transport-node'

type KeyPair = ReturnType<typeof nkeys.createUser>

/** What the server needs in its configuration, and the text of a file of credentials for a user that it does not know. */
export function newCredentials(): { readonly config: string; readonly creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()]
  // JetStream needs one for the server itself.
  const system = nkeys.createAccount()
  const everything = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 }
  const jetstream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1, wildcards: true }
  const ofOperator = jwtOf(operator, operator, 'operator', {})
  const ofAccount = jwtOf(operator, account, 'account', { limits: { ...everything, ...jetstream } })
  const ofSystem = jwtOf(operator, system, 'account', { limits: everything })
  const ofUser = jwtOf(account, user, 'user', { subs: -1, data: -1, payload: -1 })
  const seed = new TextDecoder().decode(user.getSeed())
  return {
    config: [
      `operator: ${ofOperator}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${ofAccount}, ${system.getPublicKey()}: ${ofSystem} }`,
    ].join('\n'),
    creds: `-----BEGIN NATS USER JWT-----\n${ofUser}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  }
}

function jwtOf(signer: KeyPair, subject: KeyPair, type: string, more: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    ...{ iat: Math.floor(Date.now() / 1000), iss: signer.getPublicKey(), sub: subject.getPublicKey() },
    ...{ name: type, nats: { ...more, type, version: 2 } },
  }
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex')
  const text = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode({ ...claims, jti })}`
  return `${text}.${Buffer.from(signer.sign(new TextEncoder().encode(text))).toString('base64url')}`
}
