/**
 * What is said to an endpoint and what it answers, one JSON object a line, on its standard input
 * and output. A request carries a number and its answer the same:
 *
 * ```
 * > {"id":1,"do":"open","protocol":"udp","local":{"ip":"10.77.0.2","port":5000},"remote":{…}}
 * < {"id":1,"result":{"connection":1,"seenAs":{"ip":"192.0.2.1","port":5000},…}}
 * < {"id":2,"error":"connect ECONNREFUSED 198.51.100.1:80"}
 * ```
 */
export interface At {
  readonly ip: string
  readonly port: number
}

export type Transport = 'tcp' | 'udp'

export type Command =
  /** Answers everyone who talks to `local` with the address and port they are seen at. */
  | { readonly do: 'listen'; readonly protocol: Transport; readonly local: At }
  /** Talks once and stays open. A local port of 0 is chosen by the kernel. */
  | { readonly do: 'open'; readonly protocol: Transport; readonly local: At; readonly remote: At }
  /** Talks once more on a connection that is open. */
  | { readonly do: 'talk'; readonly connection: number }
  /** Ends a connection: TCP by FIN, or by RST; UDP has nothing to say. */
  | { readonly do: 'close'; readonly connection: number; readonly reset?: boolean }
  | FetchCommand

/** An HTTP request from within the namespace. */
export interface FetchCommand {
  readonly do: 'fetch'
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * A connection as both ends know it: the truth that a ledger is measured against. The first packet
 * left at or after `startUs`, and an answer was back at or before `establishedUs`.
 */
export interface Connection {
  readonly connection: number
  readonly protocol: Transport
  readonly local: At
  /** What the remote end saw us at: after translation. */
  readonly seenAs: At
  readonly remote: At
  readonly startUs: number
  readonly establishedUs: number
}

/** When a connection was closed: its last packet left at or before this. */
export interface Closed {
  readonly endUs: number
}

export interface Fetched {
  readonly status: number
  readonly body: string
}

export type Request = Command & { readonly id: number }

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

/** What is asked on the wire, and the most bytes an answer to it may have. */
export const question = 'who am I?\n'
export const maxWireAnswerBytes = 128
