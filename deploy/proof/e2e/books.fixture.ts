import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { repositoryRoot } from '@micropay/local/running'

const file = process.env.BERKA_FILE ?? resolve(repositoryRoot, '../shared/data/berka/berka-1993.csv.gz')
const SAMPLED_PAYMENTS = 5_000
/** Why nothing of a real bank can be imported here. */
export const skipWithoutBooks = existsSync(file) ? false : `Berka file ${file} is not there (set BERKA_FILE)`

export type Books = {
  readonly file: string
  readonly payments: string
  readonly opened: string
  readonly compared: string
  /** The position of the last payment, on a ledger of one partition. */
  readonly end: string
}

/** The whole year of a bank by night, and at each change its first payments, which are written into `directory`. */
export function booksIn(directory: string): Books {
  if (process.env.NIGHTLY === '1') {
    return { file, payments: '46,997', opened: '1,248', compared: '1,229', end: '0:48245' }
  }
  const sampled = join(directory, 'berka.csv')
  if (skipWithoutBooks === false) {
    const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n')
    writeFileSync(sampled, `${lines.slice(0, 1 + SAMPLED_PAYMENTS).join('\n')}\n`, 'latin1')
  }
  return { file: sampled, payments: '5,000', opened: '571', compared: '554', end: '0:5571' }
}
