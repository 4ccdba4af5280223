import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps, useLocation } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { allows } from '../api/session.ts'
import { Badge } from '../components/badge.tsx'
import { placeIcons } from '../components/icons.tsx'
import { openCountQuery } from '../data/approvals/count-open.ts'
import { useServices, useSession } from '../services/app-context.ts'
import type { Place } from './navigation.ts'

type PlaceLinkProps = { readonly place: Place } & Omit<ComponentProps<'a'>, keyof LinkProps>

/** The way to a place; the reporting time zone that was chosen goes along to those that have one. */
export function PlaceLink({ place, ...rest }: PlaceLinkProps) {
  const { to, name, icon, hasZone = false, countsApprovals = false } = place
  // To those who decide nothing, nothing waits.
  const decides = allows(useSession(), 'approvals:decide')
  const IconOfPlace = placeIcons[icon]
  const zone = useLocation({ select: ({ search }) => ('zone' in search ? search.zone : undefined) })
  return (
    <Link
      {...rest}
      to={to}
      search={hasZone && zone !== undefined ? { zone } : {}}
      activeOptions={{ exact: to === '/', includeSearch: false }}
    >
      <IconOfPlace />
      <span className="max-w-full truncate">{name}</span>
      {countsApprovals && decides ? <WaitingCount /> : null}
    </Link>
  )
}

function WaitingCount() {
  const { client } = useServices()
  const { subject } = useSession()
  const { data: count } = useQuery(openCountQuery(client, subject))
  if (count === undefined) return null
  return (
    <Badge tone="warn">
      {count}
      <span className="sr-only"> waiting</span>
    </Badge>
  )
}
