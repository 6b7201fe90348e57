/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { AccessRules } from '../../../model/access-rules.ts'
import type { Problem } from '../../problem.ts'
import type { LookupField, LookupInput } from '../../query.ts'
import { Choice, Field } from '../parts/fields.tsx'

interface FormProperties {
  readonly input: LookupInput
  readonly problem?: Problem | undefined
  readonly rules: AccessRules
  /** The question was answered: the form stands above the answer, and takes less room. */
  readonly isAnswered: boolean
}

const protocols = [
  ['', 'any'],
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['icmp', 'ICMP'],
  ['icmpv6', 'ICMPv6'],
  ['sctp', 'SCTP'],
] as const

function protocolChoices(given: string | undefined): readonly (readonly [string, string])[] {
  const isKnown = given === undefined || protocols.some(([name]) => name === given)
  return isKnown ? protocols : [...protocols, [given, given] as const]
}

/** What is wrong with a field, where the problem is about it. */
function errorOf(problem: Problem | undefined, name: LookupField): string | undefined {
  return problem?.errors?.find(({ pointer }) => pointer === `#/${name}`)?.detail
}

/** The question: a form whose answer has an address of its own, which can be shared. */
export function LookUpForm({ input, problem, rules, isAnswered }: FormProperties) {
  const field = (name: LookupField) => ({ name, value: input[name], error: errorOf(problem, name) })
  const needs = (name: 'case' | 'purpose'): boolean => rules.require.includes(name)
  const hasMore = ['destination_ip', 'destination_port', 'approval'].some(
    (name) => input[name as LookupField]
  )
  return (
    <form method="get" action="/lookup" class={isAnswered ? 'question answered' : 'question'}>
      <fieldset>
        <legend>Who had</legend>
        <Field {...field('ip')} label="Public address" required isCode maxlength={64} />
        <Field {...field('port')} label="Port" isCode size={6} maxlength={20} />
        <Choice {...field('protocol')} label="Protocol" choices={protocolChoices(input.protocol)} />
      </fieldset>
      <fieldset>
        <legend>at</legend>
        <Field
          {...field('at')}
          label="Time"
          required
          isCode
          hint="2026-03-01 12:00:05, with Z or +01:00, or with a zone beside it"
          maxlength={64}
        />
        <Field
          {...field('tz')}
          label="Zone"
          list="zones"
          placeholder="as in the time"
          maxlength={60}
        />
        <Field {...field('tolerance')} label="± Tolerance" size={6} placeholder="1s" />
      </fieldset>
      <datalist id="zones">
        {['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'Asia/Tokyo'].map((zone) => (
          <option value={zone} />
        ))}
      </datalist>
      <fieldset>
        <legend>for</legend>
        <Field {...field('case')} label="Case" required={needs('case')} maxlength={200} />
        <Field {...field('purpose')} label="Purpose" required={needs('purpose')} maxlength={200} />
      </fieldset>
      <details open={hasMore}>
        <summary>Destination, approval</summary>
        <div class="row">
          <Field {...field('destination_ip')} label="Destination address" isCode maxlength={64} />
          <Field {...field('destination_port')} label="Destination port" isCode size={6} />
          <Field {...field('approval')} label="Approval, where one is needed" size={10} />
        </div>
      </details>
      <div class="submit">
        <button type="submit" class="primary">
          Look up
        </button>
      </div>
    </form>
  )
}
