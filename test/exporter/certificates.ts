import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly certificate: string
  readonly key: string
}

const run = (argv: readonly string[], directory: string): void => {
  execFileSync('openssl', argv, { cwd: directory, stdio: 'ignore' })
}

/** An authority of its own, made by openssl: `NAME.crt` and `NAME.key` in the directory. */
export function makeAuthority(directory: string, name: string): Certificate {
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes']
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
  run(['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files], directory)
  return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
}

/** A certificate for a host, by an authority. */
export function makeCertificate(
  directory: string,
  authority: string,
  name: string,
  alternative: string
): Certificate {
  const request = ['-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`]
  run(['req', ...request, '-keyout', `${name}.key`, '-out', `${name}.csr`], directory)
  writeFileSync(join(directory, `${name}.ext`), `subjectAltName=${alternative}\n`)
  const by = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial']
  const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`]
  run(['x509', '-req', '-days', '2', ...by, ...files], directory)
  return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
}
