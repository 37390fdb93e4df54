// Puts the board in the place of the page's text version, once there is something to show.
import { mount } from "svelte";
import Board from "./Board.svelte";
import { Room } from "./room.svelte";
import "./board.css";

const target = document.getElementById("board");
if (target) {
  const fallback = [...target.childNodes];
  const { api = "/api/board", marks = `${api}/marks`, tiles = null, known } = target.dataset;
  const room = new Room({ board: api, marks, tiles }, new URLSearchParams(location.search), known === "then" ? "then" : "all");
  mount(Board, { target, props: { room, drawn: () => fallback.forEach((node) => node.remove()) } });
  room.start(document.body.dataset);
}
