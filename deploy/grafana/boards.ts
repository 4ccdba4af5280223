import type { Board } from './board.ts'
import { business } from './boards/business.ts'
import { gateway } from './boards/gateway.ts'
import { host } from './boards/host.ts'
import { kafka } from './boards/kafka.ts'
import { postgresql } from './boards/postgresql.ts'
import { projections } from './boards/projections.ts'
import { writeSide } from './boards/write-side.ts'

/** Every dashboard: what of our own services, and what of exporters beside them. */
export const boards: readonly Board[] = [business, writeSide, projections, gateway, kafka, postgresql, host]
