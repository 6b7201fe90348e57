import { verify } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../../model/canonical-json.ts'
import { keyIdOfHex, publicKeyOf } from '../../model/public-signing-key.ts'
import type { PublicSigningKey } from '../../model/public-signing-key.ts'
import { formatInstant } from '../../model/time.ts'
import { evidenceFormat, evidenceKinds, sha256, signedOctets } from './envelope.ts'
import type { Envelope } from './envelope.ts'

/**
 * Checks a file of evidence without database or network. A check that fails ends it: what a file
 * says after that is not worth reading.
 */

/** Octets of a file that is read at all. */
export const maxEvidenceBytes = 64 << 20

/** `open`: not shown either way. */
export interface Finding {
  readonly check: 'form' | 'fingerprint' | 'signature' | 'signer' | 'enclosed'
  readonly state: 'proven' | 'failed' | 'open'
  /** A sentence for people. */
  readonly text: string
}

export interface Verification {
  /** `proven`: every check; `open`: none failed, but whose key it is is not known. */
  readonly state: Finding['state']
  readonly findings: readonly Finding[]
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string
  /** Left out where the file is not of the form. */
  readonly envelope?: Envelope
}

const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))

const envelopeSchema = z.strictObject({
  document: z.record(z.string(), z.unknown()),
  format: z.literal(evidenceFormat),
  key: z.strictObject({ algorithm: z.literal('Ed25519'), id: hex(64), public_key: hex(64) }),
  kind: z.enum(evidenceKinds),
  signature: hex(128),
  signed_at: z.string(),
})

const finding = (check: Finding['check'], state: Finding['state'], text: string): Finding => ({
  check,
  state,
  text,
})

const failed = (check: Finding['check'], text: string): Finding => finding(check, 'failed', text)

/** The file as an envelope, or why it is none. */
function readEnvelope(octets: Uint8Array): Envelope | Finding {
  let text: string
  let value: unknown
  if (octets.length > maxEvidenceBytes) return failed('form', 'The file is too large.')
  try {
    // A byte order mark is kept, so that it counts as a change.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return failed('form', 'The file is not UTF-8: it was changed or cut.')
  }
  try {
    value = JSON.parse(text)
  } catch {
    return failed('form', 'The file is not JSON: it was changed or cut.')
  }
  let canonical: string
  try {
    canonical = canonicalJson(value)
  } catch {
    return failed('form', 'The file is nested deeper than any that was signed.')
  }
  // Written anew and compared as text: members in another order, white space, another spelling of
  // a number, and a name that stands twice (of which a reader sees one) all show here.
  if (`${canonical}\n` !== text) {
    return failed(
      'form',
      'The file is not in the one form that is signed (RFC 8785 and a line feed): it was written ' +
        'anew, members were moved or stand twice, or something was added or cut off.'
    )
  }
  const envelope = envelopeSchema.safeParse(value)
  if (!envelope.success) return failed('form', 'The file is no evidence of flowledger.')
  return envelope.data
}

function checkSignature(envelope: Envelope): Finding[] {
  const { id: told, public_key: octets } = envelope.key
  const key = keyIdOfHex(octets) === told ? publicKeyOf(octets) : undefined
  if (key === undefined) {
    return [failed('fingerprint', 'The fingerprint in the file is not that of the key in it.')]
  }
  const id = `The key in the file has the fingerprint ${told}.`
  const isSigned = verify(null, signedOctets(envelope), key, Buffer.from(envelope.signature, 'hex'))
  return [
    finding('fingerprint', 'proven', id),
    isSigned
      ? finding('signature', 'proven', 'Nothing in it was changed since that key signed it.')
      : failed('signature', 'The signature is not over this text: something in it was changed.'),
  ]
}

/** Whose key it is, as far as the keys that the reader brought can say. */
function checkSigner(envelope: Envelope, trusted: readonly PublicSigningKey[]): Finding {
  if (trusted.length === 0) {
    return finding(
      'signer',
      'open',
      'Who holds that key is not shown: anybody can make one. Compare the fingerprint with the ' +
        "provider's, or check again with --key."
    )
  }
  const { public_key: wanted } = envelope.key
  const key = trusted.find((one) => one.publicKey === wanted)
  if (key === undefined) {
    return failed('signer', 'The key is none of those given: somebody else signed it.')
  }
  const atUs = Date.parse(envelope.signed_at) * 1000
  // The text of a time has microseconds, which Date does not read.
  const slackUs = 1000
  if (key.validFromUs !== undefined && atUs + slackUs < key.validFromUs) {
    const from = formatInstant(key.validFromUs)
    return failed('signer', `It says that it was signed before the key was made (${from}).`)
  }
  if (key.validToUs !== undefined && atUs > key.validToUs + slackUs) {
    const to = formatInstant(key.validToUs)
    return failed('signer', `It says that it was signed after the key was given up (${to}).`)
  }
  return finding('signer', 'proven', 'The key is one of those given.')
}

/** The files that a case carries, each checked as if it stood alone. */
function checkEnclosed(envelope: Envelope, trusted: readonly PublicSigningKey[]): Finding[] {
  const { evidence } = envelope.document
  if (envelope.kind !== 'case' || !Array.isArray(evidence)) return []
  for (const [index, one] of evidence.entries()) {
    const inner = verifyEvidence(Buffer.from(`${canonicalJson(one)}\n`), trusted)
    const wrong = inner.findings.find(({ state }) => state === 'failed')
    if (wrong !== undefined) {
      return [failed('enclosed', `Enclosed file ${index + 1}: ${wrong.text}`)]
    }
  }
  const files = evidence.length === 1 ? 'file' : 'files'
  return [finding('enclosed', 'proven', `${evidence.length} enclosed ${files}, each signed.`)]
}

/** The weakest of the findings. */
const weakest = (findings: readonly Finding[]): Finding['state'] =>
  (['failed', 'open'] as const).find((state) => findings.some((one) => one.state === state)) ??
  'proven'

/**
 * Checks a file of evidence.
 *
 * @param trusted the public keys that the reader believes to be the provider's; empty: then the
 *   file can at best be shown to be whole
 */
export function verifyEvidence(
  octets: Uint8Array,
  trusted: readonly PublicSigningKey[]
): Verification {
  const digest = sha256(octets)
  const envelope = readEnvelope(octets)
  if ('check' in envelope) return { state: 'failed', findings: [envelope], sha256: digest }
  const findings = [
    finding('form', 'proven', 'The file is whole and in the one form that is signed.'),
    ...checkSignature(envelope),
  ]
  if (weakest(findings) === 'proven') {
    findings.push(checkSigner(envelope, trusted), ...checkEnclosed(envelope, trusted))
  }
  return { state: weakest(findings), findings, sha256: digest, envelope }
}
