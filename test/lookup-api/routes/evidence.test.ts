import { beforeAll, describe, expect, test } from 'vitest'
import type { AnswerDocument } from '../../../lookup-api/evidence-file/document.ts'
import { readKeyFile } from '../../../lookup-api/evidence-file/key-file.ts'
import { verifyEvidence } from '../../../lookup-api/evidence-file/verify.ts'
import { problem } from '../api.ts'
import { useDesk } from '../cases/desk-lab.ts'
import { slice } from '../world.ts'
import { skipPostgres } from '../../postgres.ts'

const given = 'ip=192.0.2.1&port=2000&protocol=tcp&at=2026-03-01 13:00:00&tz=Europe/Berlin'
const path = `/v1/evidence?${given.replaceAll(' ', '%20')}`

describe.skipIf(skipPostgres)('POST /v1/evidence', () => {
  const lab = useDesk()
  beforeAll(() => {
    lab.world.slices = [slice(-60, 60)]
  })

  const post = (accept?: string, more = '', token = 'fl_desk'): Promise<Response> =>
    lab.send('POST', path + more, {
      token,
      ...(accept === undefined ? {} : { headers: { Accept: accept } }),
    })

  test('gives what the public key of GET /v1/keys proves', async () => {
    const response = await post()
    expect(response.headers.get('Content-Type')).toBe('application/vnd.flowledger.evidence+json')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const keys = await (await lab.send('GET', '/v1/keys', { token: 'fl_auditor' })).text()
    const octets = Buffer.from(await response.arrayBuffer())
    const { state, envelope, sha256 } = verifyEvidence(octets, readKeyFile(keys, 'keys'))
    expect(state).toBe('proven')
    expect(response.headers.get('X-Evidence-SHA256')).toBe(sha256)
    const document = envelope?.document as unknown as AnswerDocument
    expect(document).toMatchObject({
      officer: 'token:desk',
      received: { at: '2026-03-01 13:00:00', tz: 'Europe/Berlin' },
      answer: { verdict: 'unique', query: { at: '2026-03-01T12:00:00.000Z' } },
      software: { name: 'flowledger' },
    })
    expect(document.answer.query.zone).toContain('Europe/Berlin')
    expect(document.records).toHaveLength(1)
    expect(document.sources).toMatchObject([{ source: 'gw', skew_seconds: 0 }])
    expect(document.limits.join(' ')).toContain('not a person')
  })

  test('is in the audit with the look-up and the digest of the file', async () => {
    const response = await post(undefined, '&case=ABUSE-9')
    const digest = response.headers.get('X-Evidence-SHA256')
    const { document } = (await response.json()) as { document: AnswerDocument }
    const { items } = await lab.deps.audit.listAudit({ limit: 2 })
    expect(items[0]).toMatchObject({
      action: 'evidence-export',
      detail: { lookup: document.audit.id, file_sha256: digest, case: 'ABUSE-9' },
    })
    expect(items[1]).toMatchObject({ action: 'lookup', id: document.audit.id })
    expect(items[1]?.hash).toBe(document.audit.hash)
    expect(items[1]?.detail['answer_sha256']).toBe(document.answer_sha256)
  })

  test('gives a page without scripts in which nothing is markup but its own', async () => {
    const response = await post('text/html', '&purpose=%3Cscript%3Ealert(1)%3C/script%3E')
    expect(response.headers.get('Content-Type')).toContain('text/html')
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    const text = await response.text()
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).not.toMatch(/<script|<img|<link|https?:/i)
    for (const words of ['unique', '10.0.0.1:1000', 'What this does not show', 'Signature']) {
      expect(text).toContain(words)
    }
    expect(text).not.toMatch(/infring/i)
  })

  test('gives a PDF', async () => {
    const response = await post('application/pdf')
    expect(response.headers.get('Content-Type')).toBe('application/pdf')
    const octets = Buffer.from(await response.arrayBuffer())
    expect(octets.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    expect(octets.subarray(-6).toString('latin1')).toContain('%%EOF')
  })

  test('refuses a form that it does not have, before it looks anything up', async () => {
    const before = (await lab.deps.audit.listAudit({ limit: 1 })).items[0]?.id
    expect((await problem(await post('image/png'))).status).toBe(406)
    expect((await lab.deps.audit.listAudit({ limit: 1 })).items[0]?.id).toBe(before)
  })

  test('refuses what a look-up refuses, and records that', async () => {
    expect((await problem(await post(undefined, '&destination=1.2.3.4'))).status).toBe(400)
    const { items } = await lab.deps.audit.listAudit({ limit: 1 })
    expect(items[0]).toMatchObject({ action: 'lookup-failed' })
    for (const token of ['fl_auditor', 'fl_approver']) {
      expect((await post(undefined, '', token)).status).toBe(403)
    }
  })

  test('gives nothing that cannot be recorded', async () => {
    lab.world.auditFails = true
    expect((await problem(await post())).code).toBe('audit-unwritable')
    lab.world.auditFails = false
  })
})
