import type { Command } from 'commander'

type RuleKeeper = import('../classifier/applications/rule-keeper.ts').RuleKeeper

export interface RulesFlags {
  readonly rules: readonly string[]
  readonly catalogue: boolean
}

/** The options of commands that name applications. */
export function withRulesOptions(command: Command): Command {
  return command
    .option(
      '--rules <file>',
      "rules of your own, Netify's or v2fly's, before the catalogue; may be repeated",
      (file: string, files: readonly string[]) => [...files, file],
      []
    )
    .option('--no-catalogue', 'without the rules that come with flowledger')
}

/**
 * Reads the rules that were asked for.
 *
 * @throws FlowledgerError `rules-invalid` with the places of what is wrong
 */
export async function openRules({ rules, catalogue }: RulesFlags): Promise<RuleKeeper> {
  const load = await import('../classifier/applications/load.ts')
  const { RuleKeeper: Keeper } = await import('../classifier/applications/rule-keeper.ts')
  const own = rules.map((path) => ({ path }))
  return new Keeper(catalogue ? [...own, load.catalogue] : own)
}
