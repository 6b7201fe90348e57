/** The assembler for WebAssembly's text form; a development dependency, loaded where it is used. */
interface Assembler {
  parseWat(
    name: string,
    text: string,
    features: { simd: boolean; bulk_memory: boolean }
  ): { validate(): void; toBinary(options: object): { readonly buffer: Uint8Array } }
}

const made = `// Made by scripts/assemble-kernels.ts of kernels.wat: change that, not this.`

/** The source of collector/netflow/kernel-module.ts for a text of kernels.wat. */
export async function kernelModuleSource(text: string): Promise<string> {
  const name: string = 'wabt'
  const { default: load } = (await import(name)) as { default: () => Promise<Assembler> }
  const module = (await load()).parseWat('kernels.wat', text, { simd: true, bulk_memory: true })
  module.validate()
  const octets = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = octets.match(/.{1,90}/g) ?? []
  return `${made}

/** The compiled kernels: octets of a WebAssembly module. */
export const kernelModule = Buffer.from(
  [
${lines.map((line) => `    '${line}',\n`).join('')}  ].join(''),
  'base64'
)
`
}
