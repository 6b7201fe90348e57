/** A text in pieces, those that were understood marked. */
export interface Piece {
  readonly text: string
  readonly isMarked: boolean
}

/**
 * Marks words in a text where they stand first; longer ones first, so that a port within a time is
 * not taken for the port.
 */
export function markWords(text: string, words: readonly string[]): Piece[] {
  let pieces: Piece[] = [{ text, isMarked: false }]
  const wanted = [...new Set(words.filter(Boolean))].sort((a, b) => b.length - a.length)
  for (const word of wanted) {
    const index = pieces.findIndex((piece) => !piece.isMarked && piece.text.includes(word))
    const piece = pieces[index]
    if (piece === undefined) continue
    const at = piece.text.indexOf(word)
    const parts: Piece[] = [
      { text: piece.text.slice(0, at), isMarked: false },
      { text: word, isMarked: true },
      { text: piece.text.slice(at + word.length), isMarked: false },
    ]
    pieces = [
      ...pieces.slice(0, index),
      ...parts.filter((part) => part.text !== ''),
      ...pieces.slice(index + 1),
    ]
  }
  return pieces
}
