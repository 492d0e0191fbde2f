//! A command for this till, to be copied into a terminal.
import type { Start } from "../host/contract.ts";

/** Training's till lies in the folder `training` of the data folder, and a command is told of both apart. */
const trainingFolder = /[\\/]training$/;

export function commandOf({ training, data_folder: folder }: Start, command: string): string {
  const till = training ? `"${folder.replace(trainingFolder, "")}" --training` : `"${folder}"`;
  return `tillkeeper --data-dir ${till} ${command}`;
}
