export const PARTITIONS = 4
export const WORKERS = 3
