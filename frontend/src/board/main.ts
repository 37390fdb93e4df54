// Puts the board in the place of the page's text version, once there is something to show.
import { mount } from "svelte";
import Board from "./Board.svelte";
import { Room } from "./room.svelte";
import "./board.css";

const target = document.getElementById("board");
if (target) {
  const fallback = [...target.childNodes];
  const { api = "/api/board", marks = `${api}/marks`, stream = "/stream", tiles = null } = target.dataset;
  const room = new Room({ board: api, marks, stream, tiles }, new URLSearchParams(location.search));
  mount(Board, { target, props: { room, drawn: () => fallback.forEach((node) => node.remove()) } });
  room.start();
}
