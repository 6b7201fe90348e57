import { generateKeyPairSync, sign } from 'node:crypto'
import { keyIdOf, publicKeyHex } from '../../../model/public-signing-key.ts'
import { principalOfUser } from '../../../model/principal.ts'
import { answer } from '../../../lookup-api/answer.ts'
import { limitsOf } from '../../../lookup-api/evidence-file/limits.ts'
import type { AnswerDocument } from '../../../lookup-api/evidence-file/document.ts'
import { recordsOf } from '../../../lookup-api/evidence-file/document.ts'
import { seal } from '../../../lookup-api/evidence-file/envelope.ts'
import type { SealedEvidence, Signer } from '../../../lookup-api/evidence-file/envelope.ts'
import type { LookupInput } from '../../../lookup-api/query.ts'
import { makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'

/** A key of nobody. */
export function makeSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    id: keyIdOf(publicKey),
    publicKey: publicKeyHex(publicKey),
    sign: (octets) => sign(null, octets, privateKey).toString('hex'),
  }
}

export const question: LookupInput = {
  ip: '192.0.2.1',
  port: '2000',
  protocol: 'tcp',
  at: '2026-03-01 13:00:00',
  tz: 'Europe/Berlin',
  case: 'ABUSE-1',
}

/** A document of an answer in a world of its own. */
export async function documentOf(
  world: World = makeWorld({ slices: [slice(-60, 60)] }),
  received = question
): Promise<AnswerDocument> {
  const said = await answer(received, world.dependencies, principalOfUser('tester'))
  return {
    received,
    answer: said,
    answer_sha256: 'a'.repeat(64),
    audit: { id: said.audit_id, hash: 'b'.repeat(64) },
    officer: 'token:desk',
    records: recordsOf(said),
    sources: [],
    identity_sources: [],
    configuration: { sha256: 'c'.repeat(64), networks: null, access: null },
    software: { name: 'flowledger', version: 'test', node: 'v20' },
    limits: limitsOf(said),
  }
}

/** A signed answer. */
export async function signedAnswer(signer = makeSigner(), world?: World): Promise<SealedEvidence> {
  return await seal('answer', await documentOf(world), signer, Date.UTC(2026, 2, 1, 13) * 1000)
}
