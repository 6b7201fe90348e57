/** A path of ours: nothing that a browser could take for another host. */
export const ownPath = /^\/(?![/\\])[\x21-\x7e]{0,500}$/
