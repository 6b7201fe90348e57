import { readAddressGroups } from '../../classifier/applications/address-groups.ts'
import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import { catalogue, loadRules } from '../../classifier/applications/load.ts'
import type { ApplicationsConfig } from '../../model/application-settings.ts'
import { loadPolicy } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'

/** The rules that name applications, as the configuration has them. */
export function applicationRulesOf(config: ApplicationsConfig): ApplicationRules {
  const files = config.catalogue ? [...config.rules, catalogue] : config.rules
  const { timeZone, groups } = config
  const context = groups === undefined ? {} : { groups: readAddressGroups(groups) }
  return loadRules(files, { timeZone, ...context })
}

/**
 * Reads a policy whose names are those of these rules.
 *
 * @throws FlowledgerError `rules-invalid` with the places of what is wrong
 */
export function readPolicyFile(
  file: string,
  rules: ApplicationRules,
  { timeZone }: ApplicationsConfig
): Policy {
  return loadPolicy(file, { names: rules.names, timeZone })
}
