import { ruleFormats } from '../../../classifier/applications/formats.ts'
import type { RuleFormat } from '../../../classifier/applications/formats.ts'
import { ApplicationRules } from '../../../classifier/applications/application-rules.ts'
import { RuleDraft } from '../../../classifier/applications/draft.ts'
import { compilePattern } from '../../../criteria/pattern.ts'
import { parseAddress, parsePrefix } from '../../../model/address.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import { parseInstant } from '../../../model/time.ts'
import { parseZone } from '../../../model/time-zone.ts'
import { compile, flow } from '../../criteria/flow.ts'
import { policyOf } from '../../policy/policy-of.ts'
import { slowly, textFrom, textLike } from '../engine/arbitrary.ts'
import type { Dice } from '../engine/dice.ts'
import { mutatedText, textsOf } from '../engine/mutate-text.ts'
import { withPieces } from '../engine/pieces.ts'
import { holds, textTarget } from '../engine/target.ts'
import type { AnyTarget } from '../engine/target.ts'
import { expressionSamples, policySamples, ruleSamples } from './rule-samples.ts'

/** Runs what may refuse, with an error of ours alone. */
export function mayRefuse(run: () => void): void {
  try {
    run()
  } catch (error) {
    holds(error instanceof FlowledgerError, `an error of ours, not ${String(error)}`)
    holds(error.message.length <= 100_000, 'an error is bounded')
  }
}

const values = ["'zoom'", '10', '10.0.0.0/8', '08:00', "'rx:^a(b|c)*$'", '@office', 'mon', '0x10']
const fields = ['app', 'vlan_id', 'local_ip', 'time', 'detected_hostname', 'weekday', 'fwmark']
const joins = ['&&', '||', 'and', 'or']
const comparisons = ['==', '!=', '<', '>=', 'in']

/** An expression of the grammar, of whatever depth. */
function expression(dice: Dice, depth: number): string {
  if (depth === 0) {
    const value = dice.pick(values)
    const comparison = dice.pick(comparisons)
    const list = Array.from({ length: dice.length(6) }, () => dice.pick(values)).join(', ')
    return `${dice.pick(fields)} ${comparison} ${comparison === 'in' ? `(${list})` : value}`
  }
  const left = expression(dice, depth - 1 - dice.below(Math.min(depth, 3)))
  if (dice.chance(5)) return `!(${left})`
  const right = expression(dice, depth - 1 - dice.below(Math.min(depth, 3)))
  return `(${left}) ${dice.pick(joins)} ${right}`
}

const expressions = textsOf(expressionSamples)
/** What expressions are asked of. */
const asked = flow()

function formatTarget(format: RuleFormat): AnyTarget {
  const file = { 'netify-categories': 'netify-categories', rules: 'own-format' }[format as string]
  return textTarget({
    name: `rules/${format}`,
    group: 'rules',
    decoders: [`classifier/applications/${file ?? format}.ts`],
    inputs: textLike(withPieces(ruleSamples[format])),
    run(text) {
      mayRefuse(() => {
        const draft = new RuleDraft()
        draft.begin('f')
        ruleFormats[format](text, draft, 'f')
        const rules = new ApplicationRules(draft, {})
        rules.byHost('www.example.com')
        rules.byAddress(0, 0, 0xffff, 0xc0000201)
        const { applications } = rules
        holds(applications.length <= text.length + 1, 'no more applications than letters')
        if (text.length % 32 !== 0) return
        const sound = new RuleDraft()
        sound.begin('f')
        ruleFormats[format](ruleSamples[format][0] ?? '', sound, 'f')
        holds(sound.errors.length === 0, 'a sound file is read behind it')
      })
    },
  })
}

const longSubject = `${'a'.repeat(300)}!`
const shortSubject = 'aaxxaa!'
const instants = ['2026-03-01 13:00:00', '-1h', '1790000000', '2026-03-29T02:30:00.123456+02:00']
const addresses = ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '10.0.0.0/8', '2001:db8::/32']

export const ruleTargets: readonly AnyTarget[] = [
  ...(Object.keys(ruleFormats) as RuleFormat[]).map(formatTarget),
  textTarget({
    name: 'expressions',
    decoders: ['criteria/parse.ts', 'criteria/tokens.ts', 'criteria/compile.ts'],
    inputs: textFrom((dice) => {
      if (dice.chance(3)) return mutatedText(dice, expressions)
      const made = expression(dice, dice.below(dice.chance(8) ? 6 : 3))
      return dice.chance(2) ? made : mutatedText(dice, textsOf([made], expressions.words))
    }),
    run(text) {
      mayRefuse(() => {
        const { matches, warnings } = compile(text)
        holds(typeof matches(asked) === 'boolean', 'an expression is true or false')
        holds(warnings.length <= text.length, 'warnings are bounded')
      })
    },
  }),
  textTarget({
    name: 'patterns',
    group: 'expressions',
    decoders: ['criteria/pattern.ts'],
    inputs: textLike([
      '^us[0-9]+web\\.zoom\\.us$',
      '(a|b)*c{2,30}?',
      '(?:x+x+)+y',
      '[^\\w\\s]\\p{L}',
    ]),
    run(text) {
      const pattern = compilePattern(text)
      if (typeof pattern === 'string') return
      const subject = text.length % 8 === 0 ? longSubject : shortSubject
      holds(typeof pattern.test(subject) === 'boolean', 'it matches or not')
    },
  }),
  textTarget({
    name: 'policy',
    decoders: ['policy/load.ts', 'policy/rule-source.ts', 'policy/flow-actions.ts'],
    inputs: slowly(textLike(policySamples), 10),
    run: (text) => mayRefuse(() => void policyOf(text)),
  }),
  textTarget({
    name: 'addresses',
    decoders: ['model/address.ts'],
    inputs: textLike(addresses, [':', '::', '.', '/', 'ffff']),
    run(text) {
      const words = parseAddress(text)
      if (words !== undefined) {
        holds(
          words.every((word) => word >= 0 && word <= 0xffffffff),
          'words are of 32 bits'
        )
      }
      const prefix = parsePrefix(text)
      if (prefix !== undefined) holds(prefix.length >= 0 && prefix.length <= 128, 'a length')
    },
  }),
  textTarget({
    name: 'times',
    decoders: ['model/time.ts', 'model/time-zone.ts'],
    inputs: textLike(instants, ['Z', '+02:00', 'T', 'ms', 'Europe/Berlin']),
    run(text) {
      mayRefuse(() => {
        const { atUs } = parseInstant(text, { tz: 'Europe/Berlin', nowUs: 1.79e15 })
        holds(Number.isFinite(atUs), 'a time is a number')
      })
      mayRefuse(() => void parseZone(text))
    },
  }),
]
