"""The SDK: calls an upstream of the contract, 励销云 or Genjin, and Genjin's own API. It knows nothing of the server.

A call is a value, made by a function of `contract` or `api`; `Client` and `AsyncClient` carry it out:

    from genjin.client import Client, contract

    with Client("https://crm.example.com", login="demo", password="demo") as client:
        for activity in client.each(contract.sales_activities("leads", 1311120102)):
            print(activity.timestamp, activity.description)
"""

from genjin.client import api as api
from genjin.client import contract as contract
from genjin.client.async_client import AsyncClient as AsyncClient
from genjin.client.calls import Call as Call
from genjin.client.calls import Listing as Listing
from genjin.client.calls import Page as Page
from genjin.client.client import Client as Client
from genjin.client.errors import ClientError as ClientError
from genjin.client.errors import NotReached as NotReached
from genjin.client.errors import Refused as Refused
from genjin.client.errors import Unexpected as Unexpected
from genjin.client.limiter import Limit as Limit
from genjin.client.steps import Retries as Retries
