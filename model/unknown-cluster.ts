/** Connections that nothing recognised, and that look alike. */
export interface UnknownCluster {
  readonly transport: 'tcp' | 'udp'
  readonly flows: number
  /** Us since 1970 at which the first and the last of them began. */
  readonly firstUs: number
  readonly lastUs: number
  /** Ports of the servers, those of most flows first. */
  readonly ports: readonly { readonly port: number; readonly flows: number }[]
  readonly client: UnknownSide
  readonly server: UnknownSide
  /** One of them: `ip:port` of both ends, the client's first. */
  readonly example: readonly [client: string, server: string]
}

/** What one end of alike connections says first. */
export interface UnknownSide {
  /** Octets of its first payload, from the fewest to the most; 0: it says nothing. */
  readonly least: number
  readonly most: number
  /** First octets in hexadecimal; `..` where they are not the same in all of them. */
  readonly begins: string
}

/** Clusters, those of most flows first. */
export interface UnknownClusters {
  readonly clusters: readonly UnknownCluster[]
  /** Connections in all clusters, those that are not shown included. */
  readonly flows: number
  /** Connections of clusters that were forgotten, since there are too many different ones. */
  readonly forgotten: number
}
