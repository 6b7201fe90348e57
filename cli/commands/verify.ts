import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { paint, print, usesColour } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Verification = import('../../lookup-api/evidence-file/verify.ts').Verification
type PublicSigningKey = import('../../model/public-signing-key.ts').PublicSigningKey

interface VerifyFlags extends CommonFlags {
  readonly key?: string
  readonly keys?: string
  readonly page?: string
  readonly pdf?: string
  readonly output: 'text' | 'json'
}

const readFile = (path: string): Promise<Buffer> =>
  import('node:fs/promises').then((fs) => fs.readFile(path))

/** The keys that were given; without any, those of this machine, as far as it has some. */
async function trustedKeys(flags: VerifyFlags): Promise<readonly PublicSigningKey[]> {
  const given = [flags.key, flags.keys].filter((path) => path !== undefined)
  if (given.length > 0) {
    const { readKeyFile } = await import('../../lookup-api/evidence-file/key-file.ts')
    const lists = given.map(async (path) => readKeyFile((await readFile(path)).toString(), path))
    return (await Promise.all(lists)).flat()
  }
  const { config } = await loadAloud(flags)
  const { listPublicKeys } = await import('../../store/signing-key.ts')
  // A machine without keys of its own, or whose keys are somebody else's, can still check the rest.
  return await listPublicKeys(config.dataDir).catch((error: unknown) => {
    if (error instanceof FlowledgerError && error.code === 'key-unusable') return []
    throw error
  })
}

const words = { proven: 'proven', failed: 'FAILED', open: 'not shown' } as const
const colours = { proven: 'green', failed: 'red', open: 'yellow' } as const

const conclusions: Readonly<Record<Verification['state'], string>> = {
  proven:
    'The file is what the holder of the key signed. It does not prove that its content is true.',
  failed: 'Do not rely on this file.',
  open: 'The file is whole, but anybody could have made it: give the key with --key.',
}

function verificationText({ findings, state, sha256, envelope }: Verification): string {
  const colour = usesColour(process.stdout)
  const lines = findings.map((finding) => {
    const name = `${finding.check}:`.padEnd(13)
    const word = paint(words[finding.state].padEnd(10), colours[finding.state], colour)
    return `${name}${word}${finding.text}`
  })
  const what =
    envelope === undefined || state === 'failed'
      ? []
      : [`It is ${envelope.kind} evidence, and says that it was signed at ${envelope.signed_at}.`]
  return [...lines, `SHA-256 of the file: ${sha256}`, ...what, conclusions[state]].join('\n')
}

/** Page and PDF show what was checked, so of a file that failed there is none. */
async function writeViews(result: Verification, flags: VerifyFlags): Promise<void> {
  const { envelope, sha256, state } = result
  if (flags.page === undefined && flags.pdf === undefined) return
  if (envelope === undefined || state !== 'proven') {
    throw new FlowledgerError('usage', 'Only a file that is proven is shown.', {
      fix: 'Give the key that signed it with --key.',
    })
  }
  const { evidencePage, evidencePdf } = await import('../../lookup-api/evidence-file/views.ts')
  const { writeFile } = await import('node:fs/promises')
  const sealed = { envelope, sha256 }
  if (flags.page !== undefined) await writeFile(flags.page, await evidencePage(sealed))
  if (flags.pdf !== undefined) await writeFile(flags.pdf, await evidencePdf(sealed))
}

const codes: Readonly<Record<Verification['state'], number>> = {
  proven: exitCodes.ok,
  failed: exitCodes.noMatch,
  open: exitCodes.noData,
}

async function verify(file: string, flags: VerifyFlags): Promise<number> {
  const { verifyEvidence } = await import('../../lookup-api/evidence-file/verify.ts')
  const keys = await trustedKeys(flags)
  const result = verifyEvidence(await readFile(file), keys)
  const { envelope, sha256, state, findings } = result
  if (flags.output === 'json') {
    const { kind = null, signed_at = null, key } = envelope ?? {}
    print(JSON.stringify({ state, findings, sha256, kind, signed_at, key: key?.id ?? null }))
  } else print(verificationText(result))
  if (state !== 'failed') await writeViews(result, flags)
  return codes[state]
}

export function addVerify(program: Command): void {
  const command = withConfigOptions(program.command('verify'))
    .description('check signed evidence offline: is it whole, and who signed it?')
    .argument('<file>', 'what "lookup --evidence", a case or the API gave')
    .option('--key <file>', "the provider's public key: PEM, or what key show prints")
    .option('--keys <file>', 'several of them (default: those of this data directory)')
    .option('--page <file>', 'write it as a printable page, once it is proven')
    .option('--pdf <file>', 'write it as PDF, once it is proven')
    .addOption(outputOption('text', 'json'))
    .action(withExit(verify))
  withExamples(command, [
    ['verify answer.json --keys keys.json', 'exit code 1: changed, or signed by somebody else'],
    ['verify answer.json', 'exit code 5 where no key says whose it is'],
    ['verify answer.json --keys keys.json --pdf answer.pdf', 'the same content for people'],
  ])
}
