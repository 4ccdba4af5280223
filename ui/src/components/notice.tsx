import type { Problem } from '@micropay/schemas/api/problem'
import { type ReactNode, useContext } from 'react'
import { inWordsForCustomers } from '../api/problem.ts'
import { isCustomer } from '../api/session.ts'
import { SessionContext } from '../services/app-context.ts'
import { CheckIcon, WarnIcon } from './icons.tsx'

type Tone = 'bad' | 'warn' | 'good'
const tones: Record<Tone, string> = {
  bad: 'border-bad/40 bg-bad-wash text-bad',
  warn: 'border-warn/40 bg-warn-wash text-warn',
  good: 'border-good/40 bg-good-wash text-good',
}

type NoticeProps = {
  readonly tone: Tone
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** A message in its place on the page; what is wrong interrupts, the rest waits its turn. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className={`flex gap-3 rounded-xl border p-4 ${tones[tone]}`}>
      {tone === 'good' ? <CheckIcon className="mt-0.5 size-5" /> : <WarnIcon className="mt-0.5 size-5" />}
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        {children ? <div className="mt-1 text-sm text-ink break-words">{children}</div> : null}
        {action ? <div className="mt-3 flex flex-wrap gap-2">{action}</div> : null}
      </div>
    </div>
  )
}

type ProblemNoticeProps = {
  readonly problem: Problem
  readonly title?: string
  readonly action?: ReactNode
  readonly tone?: Tone
  /** Leaves the detail out, where it stands at its field. */
  readonly brief?: boolean
}

/** A problem as the server tells it, with what to do, and what support would ask for. */
export function ProblemNotice({ problem: told, title, action, tone = 'bad', brief = false }: ProblemNoticeProps) {
  // Nobody may be signed in yet.
  const session = useContext(SessionContext)
  const problem = session && isCustomer(session) ? inWordsForCustomers(told) : told
  const more = problem.errors?.filter(({ detail }) => !problem.detail.endsWith(detail)) ?? []
  return (
    <Notice tone={tone} title={title ?? problem.title} action={action}>
      {brief ? null : <p>{problem.detail}</p>}
      {problem.cause ? <p>The cause, for staff alone: {problem.cause.detail}.</p> : null}
      {more.length > 0 ? (
        <ul className="mt-2 list-disc pl-5">
          {more.map((error) => (
            <li key={`${error.pointer} ${error.detail}`}>
              <code className="text-xs">{error.pointer}</code> {error.detail}
            </li>
          ))}
        </ul>
      ) : null}
      <p className="mt-2 text-xs text-ink-soft">
        {problem.code}
        {problem.position ? ` · position ${problem.position}` : ''}
        {problem.traceId ? ` · trace ${problem.traceId}` : ''}
      </p>
    </Notice>
  )
}
