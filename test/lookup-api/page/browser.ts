import type { AccessLab } from '../access-lab.ts'

/** What a browser does with cookies, forms and redirects; the rest is for test/browser. */
export class FormBrowser {
  readonly #lab: AccessLab
  cookies = new Map<string, string>()

  constructor(lab: AccessLab) {
    this.#lab = lab
  }

  async #send(
    path: string,
    init: RequestInit & { headers: Record<string, string> }
  ): Promise<Response> {
    const Cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
    const headers = Object.assign({ 'Sec-Fetch-Site': 'same-origin', Cookie }, init.headers)
    const response = await fetch(this.#lab.url + path, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', value = ''] = pair.split('=')
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers: { Accept: 'text/html', ...headers } })
  }

  async text(path: string): Promise<string> {
    return await (await this.get(path)).text()
  }

  /** Sends a form as our page would. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Record<string, string> = {}
  ): Promise<Response> {
    return await this.#send(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { Origin: this.#lab.url, ...headers },
    })
  }

  async logIn(token: string, returnTo = '/'): Promise<Response> {
    return await this.post('/log-in', { token, return_to: returnTo })
  }

  /** The token of the session's forms. */
  async csrf(): Promise<string> {
    const text = await this.text('/lookup')
    return /name="csrf" value="([\w-]+)"/.exec(text)?.[1] ?? ''
  }
}
