/** What comes of an import of text that is run again, for its help. */
export const textsAgain =
  'What is in the ledger already is passed over, under whatever name the file is given: the same ' +
  'one adds nothing, one that has grown adds what is new, and after a kill or Ctrl-C it goes on ' +
  'behind its last commit. Standard input is another import each time.'
