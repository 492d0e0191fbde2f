//! Marks for measuring: the newest of each name, so that they do not pile up over the weeks.
export function mark(name: "till:enter" | "till:painted" | "till:usable"): void {
  performance.clearMarks(name);
  performance.mark(name);
}
