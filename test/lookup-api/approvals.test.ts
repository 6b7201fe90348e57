import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerSchema } from '../../lookup-api/contract.ts'
import { formatAnswer } from '../../lookup-api/format.ts'
import { skipPostgres } from '../postgres.ts'
import { useAccessLab } from './access-lab.ts'
import { problem } from './api.ts'

interface ApprovalBody {
  readonly id: string
  readonly state: string
  readonly uses_left: number
  readonly valid_until: string
}

const wide = { ip: '192.0.2.1', at: '2026-03-01T12:00:00Z' }
const asked = `/v1/lookup?ip=${wide.ip}&at=${wide.at}`

describe.skipIf(skipPostgres)('a second person', () => {
  const lab = useAccessLab()
  const tokens = { alice: '', aliceToo: '', bob: '', auditor: '', nobody: '', narrow: '' }

  beforeAll(async () => {
    const role = 'administrator'
    tokens.alice = await lab.token({ role: 'investigator', person: 'alice@example.org' })
    // Another spelling of the same human, with the right to approve.
    tokens.aliceToo = await lab.token({ role, person: ' Alice@Example.ORG ' })
    tokens.bob = await lab.token({ role: 'approver', person: 'bob@example.org' })
    tokens.auditor = await lab.token({ role: 'auditor', person: 'carol@example.org' })
    tokens.nobody = await lab.token({ role })
    tokens.narrow = await lab.token({ role: 'abuse-desk', person: 'dave@example.org' })
  })
  beforeEach(() => lab.rule({ secondPerson: ['wide', 'reveal'], emergency: true }))

  async function ask(token: string, more = {}): Promise<Response> {
    const body = { act: 'wide', subject: wide, reason: 'two victims', case: 'A-1', ...more }
    return await lab.send('POST', '/v1/approvals', { token, body })
  }
  async function wish(token: string, more = {}): Promise<string> {
    const response = await ask(token, more)
    expect(response.status).toBe(201)
    return ((await response.json()) as ApprovalBody).id
  }
  const decide = (id: string, what: string, token: string): Promise<Response> =>
    lab.send('POST', `/v1/approvals/${id}/${what}`, { token, body: {} })
  const lookup = (id: string | undefined, token = tokens.alice): Promise<Response> =>
    lab.send('GET', id === undefined ? asked : `${asked}&approval=${id}`, { token })

  test('is needed, says so, approves, and is named in the answer and the audit', async () => {
    const refused = await lookup(undefined)
    expect((await problem(refused)).code).toBe('approval-needed')
    const id = await wish(tokens.alice)
    expect((await lookup(id)).status).toBe(403)
    const listed = await lab.send('GET', '/v1/approvals', { token: tokens.bob })
    const { approvals } = (await listed.json()) as { approvals: ApprovalBody[] }
    expect(approvals.map((one) => one.id)).toContain(id)
    const approved = (await (await decide(id, 'approve', tokens.bob)).json()) as ApprovalBody
    expect(approved).toMatchObject({ state: 'approved', uses_left: 1 })
    const answer = await lookup(id)
    expect(answer.status).toBe(200)
    const authority = {
      act: 'wide',
      approval: id,
      approved_by: 'bob@example.org',
      emergency: false,
    }
    const said = (await answer.json()) as { candidate_count: number; authority: unknown }
    expect(said).toMatchObject({ candidate_count: 3, authority: [authority] })
    const actions = (await lab.audit()).map(({ action }) => action)
    expect(actions.slice(0, 2)).toEqual(['lookup', 'approval-use'])
    expect(actions).toContain('approval-approve')
    // It was for one use.
    expect((await problem(await lookup(id))).code).toBe('approval-needed')
  })

  test('is not needed with a port, nor where one host alone had the address', async () => {
    const one = await lab.send('GET', `${asked}&port=3000`, { token: tokens.narrow })
    expect(await one.json()).toMatchObject({ candidate_count: 1 })
    const shared = await lab.send('GET', `${asked}&port=2000`, { token: tokens.narrow })
    expect(await shared.json()).toMatchObject({ candidate_count: 2 })
  })

  test('cannot be oneself with another token, nor a token that names nobody', async () => {
    const id = await wish(tokens.alice)
    for (const token of [tokens.aliceToo, tokens.nobody, tokens.alice, tokens.auditor]) {
      expect((await decide(id, 'approve', token)).status).toBe(403)
    }
    expect((await problem(await decide(id, 'approve', tokens.aliceToo))).detail).toContain('own')
    expect((await lookup(id)).status).toBe(403)
    expect((await lab.audit()).filter(({ action }) => action === 'refused').length).toBeGreaterThan(
      2
    )
  })

  test('cannot be a token that the asker made for somebody else', async () => {
    const body = { name: 'straw man', role: 'approver', person: 'eve@example.org' }
    const made = await lab.send('POST', '/v1/tokens', { token: tokens.aliceToo, body })
    const { token } = (await made.json()) as { token: string }
    const id = await wish(tokens.alice)
    expect((await decide(id, 'approve', token)).status).toBe(403)
    expect((await decide(id, 'approve', tokens.bob)).status).toBe(200)
  })

  test('is not asked by a token that names nobody, or without the right itself', async () => {
    expect((await problem(await ask(tokens.nobody))).code).toBe('not-allowed')
    expect((await problem(await ask(tokens.narrow))).code).toBe('not-allowed')
    const free = await ask(tokens.alice, { act: 'reverse', subject: { user: 'x' } })
    expect((await problem(free)).code).toBe('usage')
  })

  test('approves exactly that, for exactly them', async () => {
    const id = await wish(tokens.alice)
    await decide(id, 'approve', tokens.bob)
    for (const other of [
      '/v1/lookup?ip=192.0.2.1&at=2026-03-01T12:00:01Z',
      '/v1/lookup?ip=192.0.2.1&at=2026-03-01T12:00:00Z&tolerance=5s',
      '/v1/lookup?ip=192.0.2.1&at=2026-03-01T12:00:00Z&protocol=tcp',
    ]) {
      const response = await lab.send('GET', `${other}&approval=${id}`, { token: tokens.alice })
      expect((await problem(response)).code, other).toBe('approval-needed')
    }
    const others = await lab.token({ role: 'investigator', person: 'mallory@example.org' })
    expect((await lookup(id, others)).status).toBe(403)
    // The same question in another spelling is the same question.
    const path = '/v1/lookup?ip=::ffff:192.0.2.1&at=2026-03-01T13:00:00%2B01:00&case=B&approval='
    expect((await lab.send('GET', path + id, { token: tokens.alice })).status).toBe(200)
  })

  test('refuses, and that stands', async () => {
    const id = await wish(tokens.alice)
    expect(await (await decide(id, 'refuse', tokens.bob)).json()).toMatchObject({
      state: 'refused',
    })
    expect((await decide(id, 'approve', tokens.bob)).status).toBe(400)
    expect((await lookup(id)).status).toBe(403)
  })

  test('is used once by requests at one time, and decided once', async () => {
    const id = await wish(tokens.alice)
    const zoe = await lab.token({ role: 'approver', person: 'zoe@example.org' })
    const decisions = await Promise.all(
      [tokens.bob, zoe, tokens.bob, zoe].map((token) => decide(id, 'approve', token))
    )
    expect(decisions.filter(({ status }) => status === 200)).toHaveLength(1)
    const answers = await Promise.all(Array.from({ length: 20 }, () => lookup(id)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('counts as often as is configured, and for as long', async () => {
    lab.rule({ secondPerson: ['wide'], approvalUses: 2 })
    const twice = await wish(tokens.alice)
    await decide(twice, 'approve', tokens.bob)
    const statuses = [await lookup(twice), await lookup(twice), await lookup(twice)]
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 403])
    lab.rule({ secondPerson: ['wide'], approvalUs: 1 })
    const short = await wish(tokens.alice)
    await decide(short, 'approve', tokens.bob)
    expect((await lookup(short)).status).toBe(403)
  })

  test('can be overridden where that is configured: flagged, and reviewed by another', async () => {
    const id = await wish(tokens.alice, { emergency: true, reason: 'a life is at stake' })
    const answer = (await (await lookup(id)).json()) as Record<string, unknown>
    expect(answer['authority']).toMatchObject([{ emergency: true, approved_by: null }])
    expect(formatAnswer(answerSchema.parse(answer), 'table')).toContain(
      'EMERGENCY: no second person'
    )
    expect((await lookup(id)).status).toBe(200)
    const review = async (token: string): Promise<string[]> => {
      const response = await lab.send('GET', '/v1/approvals?scope=to-review', { token })
      const body = (await response.json()) as { approvals: ApprovalBody[] }
      return body.approvals.map((one) => one.id)
    }
    expect(await review(tokens.auditor)).toContain(id)
    const path = `/v1/approvals/${id}/acknowledge`
    const own = await lab.send('POST', path, { token: tokens.aliceToo })
    expect(own.status).toBe(403)
    expect((await lab.send('POST', path, { token: tokens.auditor })).status).toBe(200)
    expect(await review(tokens.auditor)).not.toContain(id)
    const flagged = (await lab.audit()).filter(({ detail }) => detail['emergency'] === true)
    expect(new Set(flagged.map(({ action }) => action))).toEqual(
      new Set(['emergency-override', 'approval-use'])
    )
    lab.rule({ secondPerson: ['wide'], emergency: true, emergencyUs: 1 })
    expect((await lookup(await wish(tokens.alice, { emergency: true }))).status).toBe(403)
    lab.rule({ secondPerson: ['wide'] })
    expect((await ask(tokens.alice, { emergency: true })).status).toBe(403)
  })

  test('is more than the requester can forge in the database', async () => {
    const id = await wish(tokens.alice)
    const forge = (text: string): Promise<unknown> => lab.database.query('forge', { text })
    await expect(
      forge(`update access.approval set state = 'approved', decider = requester where id = ${id}`)
    ).rejects.toMatchObject({ details: { sqlState: '23514' } })
    await expect(
      forge(`update access.approval set requester = 'x' where id = ${id}`)
    ).rejects.toMatchObject({ details: { sqlState: '42501' } })
    await expect(forge(`delete from access.approval`)).rejects.toMatchObject({
      details: { sqlState: '42501' },
    })
  })

  test('and case and purpose are asked for where they are configured', async () => {
    lab.rule({ require: ['case', 'purpose'] })
    const bare = await problem(await lab.send('GET', `${asked}&port=3000`, { token: tokens.alice }))
    expect(bare).toMatchObject({ status: 400, errors: [{ pointer: '#/case' }] })
    const half = `${asked}&port=3000&case=A-1`
    const missing = await problem(await lab.send('GET', half, { token: tokens.alice }))
    expect(missing.errors).toMatchObject([{ pointer: '#/purpose' }])
    const whole = `${half}&purpose=abuse`
    expect((await lab.send('GET', whole, { token: tokens.alice })).status).toBe(200)
  })
})
