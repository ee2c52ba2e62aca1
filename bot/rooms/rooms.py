"""Create rooms, or find them by the ID that the bot gave them."""

from bot.links import SignedLinks
from bot.rooms.ids import Plan, RoomIds
from bot.videosdk import Meeting, VideoSDK


class Rooms:
    """Opens rooms that people can enter.

    A named room that was closed can't be reopened: creating it again returns it disabled. A room
    whose webhooks go elsewhere may never send them here. Either is replaced by the next generation
    of its ID.

    Args:
        videosdk: creates and validates rooms.
        ids: creates the IDs of rooms.
        default_region: for meetings that ask for none; None lets VideoSDK choose.
        webhooks: creates webhook addresses; None without live cards.
    """

    def __init__(
        self,
        videosdk: VideoSDK,
        ids: RoomIds,
        default_region: str | None = None,
        webhooks: SignedLinks | None = None,
    ) -> None:
        self._videosdk = videosdk
        self._ids = ids
        self._default_region = default_region
        self._webhooks = webhooks

    async def open(self, plan: Plan) -> Meeting:
        """Create the plan's room, or return the existing one.

        Raises:
            VideoSDKError: no usable room could be created or found.
        """
        webhooks = self._webhooks
        webhook_url = webhooks.webhook_url(plan.place.workspace) if webhooks else None
        generation = 0
        while True:
            meeting = await self._videosdk.create(
                region=plan.request.region or self._default_region,
                user_meeting_id=self._ids.of(plan, generation),
                webhook_url=webhook_url,
            )
            if self._is_usable(meeting):
                return meeting
            generation = await self._usable_generation(plan, generation + 1)

    async def current_id(self, plan: Plan) -> str:
        """Return the ID of a named room's current generation, whether or not it exists yet.

        Raises:
            VideoSDKError: a look-up failed.
        """
        if not await self._is_used_up(plan, 0):
            return self._ids.of(plan)
        return self._ids.of(plan, await self._usable_generation(plan, 1))

    def _is_usable(self, meeting: Meeting) -> bool:
        """Return whether a room is open and, as far as it says, sends its webhooks here."""
        elsewhere = (
            self._webhooks is not None
            and meeting.webhook_url is not None
            and not self._webhooks.is_own_webhook(meeting.webhook_url)
        )
        return not (meeting.disabled or elsewhere)

    async def _usable_generation(self, plan: Plan, low: int) -> int:
        """Return the first generation from `low` on that is usable or doesn't exist yet.

        It doubles the step, then bisects: a name that was closed 100 times costs 14 look-ups.
        """
        high, step = low, 1
        while await self._is_used_up(plan, high):
            low, high, step = high + 1, high + step, 2 * step
        while low < high:
            middle = (low + high) // 2
            if await self._is_used_up(plan, middle):
                low = middle + 1
            else:
                high = middle
        return high

    async def _is_used_up(self, plan: Plan, generation: int) -> bool:
        meeting = await self._videosdk.validate(self._ids.of(plan, generation))
        return meeting is not None and not self._is_usable(meeting)
