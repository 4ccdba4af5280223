import { boards } from './boards.ts'
import { buildBoard } from './build-board.ts'

/** The files of `dashboards/`, by name. */
export function generated(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    boards.map((board) => [`${board.uid}.json`, `${JSON.stringify(buildBoard(board), null, 2)}\n`]),
  )
}
