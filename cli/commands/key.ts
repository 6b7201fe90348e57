import type { Command } from 'commander'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say } from '../output.ts'

async function show(flags: CommonFlags & { pem?: boolean }): Promise<void> {
  const { config } = await loadAloud(flags)
  const { listPublicKeys, openSigningKey } = await import('../../store/signing-key.ts')
  const { keysBody } = await import('../../lookup-api/evidence-file/key-file.ts')
  const inForce = await openSigningKey(config.dataDir)
  const body = keysBody(await listPublicKeys(config.dataDir))
  const pem = body.keys.find(({ id }) => id === inForce.id)?.pem
  print(flags.pem === true && pem !== undefined ? pem : JSON.stringify(body, null, 2))
}

async function rotate(flags: CommonFlags): Promise<void> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { AuditWriter } = await import('../../store/audit.ts')
  const { openSigningKey, rotateSigningKey } = await import('../../store/signing-key.ts')
  const { actorOfCommand } = await import('../actor.ts')
  const { version } = await import('../../model/version.ts')
  await withLedger(config, 'audit', async (access) => {
    const audit = new AuditWriter(access.database('audit'), config.dataDir)
    const old = await openSigningKey(config.dataDir)
    const detail = { old_key: old.id, version }
    await audit.appendAudit({ actor: actorOfCommand(), action: 'key-rotate', detail })
    const key = await rotateSigningKey(config.dataDir)
    print(key.id)
  })
  say('Give the new public key ("flowledger key show") to whoever checks your evidence.')
}

export function addKey(program: Command): void {
  const command = program.command('key').description('the key that signs evidence')
  withConfigOptions(command.command('show'))
    .description('the public keys, which may be given to everybody; the one in force is the last')
    .option('--pem', 'the one in force alone, in PEM')
    .action(withExit(show))
  withConfigOptions(command.command('rotate'))
    .description('sign with a new key from now on; what the old one signed stays provable')
    .action(withExit(rotate))
  withExamples(command, [
    ['key show > keys.json', 'for "flowledger verify --keys keys.json"'],
    ['key show --pem | openssl pkey -pubin -text', 'the key in force, for other programs'],
    ['key rotate', 'when somebody left, or the private key may be known'],
  ])
}
